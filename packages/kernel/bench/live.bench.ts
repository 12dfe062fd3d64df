import { bench, describe } from 'vitest';
import { AT_FDCWD, O_PATH } from '../src/index.ts';
import { LiveKernel } from '../src/live/index.ts';

const kernel = new LiveKernel();

describe('one live call', () => {
  bench('getppid', () => {
    kernel.getppid();
  });

  // A text and a struct to lay out, and -errno instead of an error.
  bench('openat2 of a missing file', () => {
    kernel.openat2(AT_FDCWD, '/no/such/file', { flags: O_PATH }, { allow: ['ENOENT'] });
  });
});
