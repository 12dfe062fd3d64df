import { defineConfig } from 'tsup';
import { library } from '../../tsup.base.ts';

export default defineConfig({
  ...library({ index: 'src/index.ts' }),
  // As @oci/spec does it, whose schemas are part of one here.
  noExternal: [/^zod/],
});
