import { defineConfig } from 'tsup';
import { library } from '../../tsup.base.ts';

export default defineConfig({
  ...library({ index: 'src/index.ts' }),
  // The few parts of zod/mini in use are built in: loading the package itself takes 45 ms more.
  noExternal: [/^zod/],
});
