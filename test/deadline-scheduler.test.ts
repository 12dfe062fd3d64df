import { expect, it } from 'vitest';
import { useBundle } from './support/container.ts';
import { newId, ocirun, run } from './support/ocirun.ts';

const container = useBundle();

// Such a process cannot fork, and no file of /proc has all of it: sched_getattr(2) is asked.
it('process.scheduler SCHED_DEADLINE has its runtime, deadline and period', async () => {
  const scheduler = {
    policy: 'SCHED_DEADLINE',
    runtime: 10_000_000,
    deadline: 20_000_000,
    period: 50_000_000,
  };
  container.bundle.with(({ process }) => {
    process.scheduler = scheduler;
    process.args = ['sleep', '1000'];
  });
  const id = newId();
  await ocirun(['run', '-d', '-b', container.bundle.path, id], { stdio: 'ignore' });
  const { pid } = JSON.parse((await ocirun(['state', id])).stdout);
  const { stdout } = await run('chrt', ['--pid', String(pid)]);
  await ocirun(['delete', '--force', id]);
  expect(stdout).toMatch(/: SCHED_DEADLINE\n/);
  expect(stdout).toMatch(/: 10000000\/20000000\/50000000\n$/);
});
