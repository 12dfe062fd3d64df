import { library } from '../../tsup.base.ts';

export default {
  ...library({ index: 'src/index.ts', live: 'src/live/index.ts', layout: 'src/detect-layout.ts' }),
  // One copy of each class for both entries.
  splitting: true,
};
