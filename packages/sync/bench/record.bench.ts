import { type Fd, type Pid, Provision } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { Recorder } from '@oci/launcher';
import { execFifoStages, startTime, supervise } from '@oci/sync';
import { bench, describe } from 'vitest';

const CONTAINER: Pid = 50;
const PIDFD: Fd = 9;

function record(body: (k: Recorder) => void): void {
  const k = new Recorder({ name: 'program', architecture: 'x86_64', parameters: [] });
  k.lane('host', { by: 'message' }, () => body(k));
}

// What a compile pays: the calls are not made.
describe('recorded', () => {
  bench('supervise', () => {
    record((k) => supervise(k, CONTAINER, PIDFD));
  });

  bench('start time', () => {
    record((k) => startTime(k, CONTAINER));
  });
});

describe('faked', () => {
  bench('exec FIFO', () => {
    const directory = new Provision<Fd>('state directory');
    directory.provide(40);
    const { make, wait } = execFifoStages(directory, []);
    const k = new FakeKernel();
    make.run(k);
    wait.run(k);
  });
});
