import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { attachDeviceProgram, hasDeviceProgram } from '../../src/devices/index.ts';
import { configWith } from './support.ts';

const deny = configWith([{ allow: false, access: 'rwm' }]);
const allow = configWith([{ allow: true, access: 'rwm' }]);

const query =
  'bpf(BPF_PROG_QUERY, {target_fd=9, attach_type=BPF_CGROUP_DEVICE, prog_ids=device filters, prog_cnt=64}, 28)';
const load = expect.stringMatching(
  /^bpf\(BPF_PROG_LOAD, \{prog_type=BPF_PROG_TYPE_CGROUP_DEVICE, insn_cnt=21, insns=<168 bytes>, license="Apache-2.0", prog_name=0x[0-9a-f]+, prog_name=0x[0-9a-f]+\}, 64\)$/,
);
const attach =
  'bpf(BPF_PROG_ATTACH, {target_fd=9, attach_bpf_fd=3, attach_type=BPF_CGROUP_DEVICE, attach_flags=BPF_F_ALLOW_MULTI}, 16)';

/** A kernel whose cgroup has these programs attached. */
function kernelWith(ids: readonly number[] = []): FakeKernel {
  const k = new FakeKernel();
  const fds = [3, 4, 5];
  k.returns('bpf', ({ args }) => {
    const [command, attributes] = args;
    if (command !== 16) return command === 5 || command === 13 ? (fds.shift() ?? -1) : 0;
    const memory =
      attributes !== null && typeof attributes === 'object' && 'fields' in attributes
        ? attributes.fields.find(({ name }) => name === 'prog_ids')?.value
        : undefined;
    if (memory instanceof Object && 'bytes' in memory && memory.bytes instanceof Buffer)
      for (const [index, id] of ids.entries()) memory.bytes.writeUInt32LE(id, index * 4);
    return 0;
  });
  return k;
}

describe('attachDeviceProgram', () => {
  it('does nothing without rules', () => {
    const k = new FakeKernel();
    attachDeviceProgram(k, 9, configWith());
    expect(k.lines).toEqual([]);
    expect([hasDeviceProgram(configWith()), hasDeviceProgram(deny)]).toEqual([false, true]);
  });

  it('loads and attaches one program', () => {
    const k = kernelWith();
    attachDeviceProgram(k, 9, deny);
    expect(k.lines).toEqual([query, load, attach, 'close(3)']);
  });

  it('detaches what it found, after its own is attached', () => {
    const k = kernelWith([71, 72]);
    attachDeviceProgram(k, 9, deny);
    const detached = (id: number, fd: number) => [
      `bpf(BPF_PROG_GET_FD_BY_ID, {prog_id=${id}}, 12)`,
      `bpf(BPF_PROG_DETACH, {target_fd=9, attach_bpf_fd=${fd}, attach_type=BPF_CGROUP_DEVICE}, 16)`,
      `close(${fd})`,
    ];
    expect(k.lines).toEqual([
      query,
      load,
      attach,
      'close(3)',
      ...detached(71, 4),
      ...detached(72, 5),
    ]);
  });

  it('only detaches where everything is allowed', () => {
    const k = kernelWith();
    attachDeviceProgram(k, 9, allow);
    expect(k.lines).toEqual([query]);
  });

  it('says what was refused', () => {
    const k = new FakeKernel();
    k.fail('bpf', 'EPERM', { when: /PROG_LOAD/ });
    expect(() => attachDeviceProgram(k, 9, deny)).toThrow(
      'linux.resources.devices: load the device filter: bpf: operation not permitted',
    );
  });

  it('goes on without a filter for those who may not load one', () => {
    const k = new FakeKernel();
    k.fail('bpf', 'EPERM');
    attachDeviceProgram(k, 9, deny, { rootless: true });
    expect(k.lines).toEqual([query, load]);
  });

  it('keeps the old filter when the new one may not be loaded', () => {
    const k = kernelWith([71]);
    k.fail('bpf', 'EPERM', { when: /PROG_LOAD/ });
    attachDeviceProgram(k, 9, deny, { rootless: true });
    expect(k.lines).toEqual([query, load]);
  });
});
