import { type Pid, Provision, TMPFS_MAGIC } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { userMapStages } from '../src/index.ts';
import { configWith, filesystem } from './config.ts';

const privileged = { rootless: false, setgroups: true, euid: 0, egid: 0 };
const rootless = { rootless: true, setgroups: true, euid: 1000, egid: 1000 };

const config = configWith({
  namespaces: [{ type: 'user' }],
  uidMappings: [
    { containerID: 0, hostID: 100000, size: 1000 },
    { containerID: 1000, hostID: 1000, size: 1 },
  ],
  gidMappings: [{ containerID: 0, hostID: 200000, size: 65536 }],
});

function stages(context: typeof privileged) {
  const pid = new Provision<Pid>('container pid');
  pid.provide(77);
  const [map, root] = userMapStages(config, context, pid);
  if (!map || !root) throw new Error('two stages are expected');
  return { map, root, pid };
}

describe('userMapStages', () => {
  it('writes whole maps through one descriptor of /proc/PID, from the host lane', () => {
    const kernel = new FakeKernel();
    filesystem(kernel);
    const { map, pid } = stages(privileged);
    expect(map).toMatchObject({ lane: 'host', needs: [pid] });
    map.run(kernel);
    expect(kernel.lines).toEqual([
      'openat2(AT_FDCWD, "/proc/77", {flags=O_DIRECTORY|O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_SYMLINKS}, 24)',
      'fstatfs(3, statfs)',
      'openat2(3, "uid_map", {flags=O_WRONLY|O_CLOEXEC, resolve=RESOLVE_NO_XDEV|RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH}, 24)',
      'write(4, "0 100000 1000\\n1000 1000 1\\n", 26)',
      'close(4)',
      'openat2(3, "gid_map", {flags=O_WRONLY|O_CLOEXEC, resolve=RESOLVE_NO_XDEV|RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH}, 24)',
      'write(5, "0 200000 65536\\n", 15)',
      'close(5)',
      'close(3)',
    ]);
    expect(kernel.open).toEqual([]);
  });

  it('gives setgroups up before the gid_map, where it has no privileges', () => {
    const kernel = new FakeKernel();
    filesystem(kernel);
    stages(rootless).map.run(kernel);
    const written = kernel.lines.filter((line) => line.startsWith('write'));
    expect(written.map((line) => line.split('"')[1])).toEqual([
      '0 100000 1000\\n1000 1000 1\\n',
      'deny',
      '0 200000 65536\\n',
    ]);
  });

  it('becomes root in the container lane, once mapped', () => {
    const { map, root } = stages(privileged);
    expect(root.lane).toBe('container');
    expect(root.needs).toEqual(map.provides);
    const kernel = new FakeKernel();
    root.run(kernel);
    expect(kernel.lines).toEqual([
      'setgroups(0, NULL)',
      'setresgid(0, 0, 0)',
      'setresuid(0, 0, 0)',
    ]);
    for (const context of [rootless, { ...privileged, setgroups: false }]) {
      const denied = new FakeKernel();
      stages(context).root.run(denied);
      expect(denied.lines).toEqual(['setresgid(0, 0, 0)', 'setresuid(0, 0, 0)']);
    }
  });

  it('writes nothing to what is no proc filesystem', () => {
    const kernel = new FakeKernel();
    filesystem(kernel, TMPFS_MAGIC);
    expect(() => stages(privileged).map.run(kernel)).toThrow(
      'linux.uidMappings: open /proc of the container: /proc is not a proc filesystem',
    );
    expect(kernel.lines.some((line) => line.startsWith('write'))).toBe(false);
  });

  it('says which map the kernel refuses', () => {
    const kernel = new FakeKernel();
    filesystem(kernel);
    kernel.fail('write', 'EPERM', { when: /200000/ });
    expect(() => stages(privileged).map.run(kernel)).toThrow(
      'linux.gidMappings: write gid_map: write: operation not permitted',
    );
  });

  it('is nothing without a new user namespace', () => {
    const pid = new Provision<Pid>('container pid');
    expect(userMapStages(configWith({ namespaces: [{ type: 'pid' }] }), privileged, pid)).toEqual(
      [],
    );
  });
});
