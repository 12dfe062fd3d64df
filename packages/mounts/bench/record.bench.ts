import { S_IFCHR } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { bench, describe } from 'vitest';
import { runAll, runcConfig, statx } from '../test/support.ts';

// What it costs to go through all stages: a compile pays it once, the calls are not made.
describe('all stages of a config, faked', () => {
  bench("runc's default", () => {
    const k = new FakeKernel();
    statx(k, S_IFCHR, 1, 3);
    runAll(runcConfig(), k);
  });

  bench('root alone', () => {
    runAll({ root: { path: 'rootfs' } });
  });
});
