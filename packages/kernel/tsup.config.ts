import { library } from '../../tsup.base.ts';

export default {
  ...library({ index: 'src/index.ts', live: 'src/live/index.ts', fake: 'src/fake/index.ts' }),
  // One copy of each class for all entries: texts and structs are told apart by `instanceof`.
  splitting: true,
  // import.meta.url, from which koffi is found, in CommonJS.
  shims: true,
};
