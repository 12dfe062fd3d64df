import { library } from '../../tsup.base.ts';

export default {
  ...library({ index: 'src/index.ts', service: 'src/listen-fds.ts' }),
  // One copy of everything for both entries.
  splitting: true,
};
