import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { updateContainer } from '../../src/store/update.ts';
import { FakeHost, FakeKernel, temporaryDirectory } from './support.ts';

const resources = { pids: { limit: 5 } };

/** A container in a scope of a systemd that is not there. */
function inScope() {
  const host = new FakeHost();
  const socket = join(temporaryDirectory(), 'bus');
  host.container('x', { systemd: { name: 'ocirun-x.scope', socket } });
  host.process(41);
  const update = () => updateContainer(host.store, 'x', resources, [], new FakeKernel());
  return { cgroup: host.cgroup('x'), update };
}

describe('an update of a scope of systemd', () => {
  it('is not told to systemd when the cgroup refuses it', async () => {
    const { cgroup, update } = inScope();
    cgroup.refusal = new Error('refused');
    await expect(update()).rejects.toThrow(cgroup.refusal);
  });

  it('is told to systemd when the cgroup has taken it', async () => {
    const { cgroup, update } = inScope();
    await expect(update()).rejects.toThrow('set properties of ocirun-x.scope by systemd');
    expect(cgroup.updates).toEqual([resources]);
  });
});
