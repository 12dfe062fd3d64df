import { type Pid, Provision, TMPFS_MAGIC } from '@oci/kernel';
import { FakeKernel, FakeMemory } from '@oci/kernel/fake';
import type { Config } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { allowsGroups, type NamespaceContext, userMapStages } from '../src/index.ts';
import { configWith, filesystem } from './config.ts';

const privileged = { rootless: false, setgroups: true, euid: 0, egid: 0 };
const rootless = { rootless: true, setgroups: true, euid: 1000, egid: 1000 };

/** One id each: the user's own. */
const own = configWith({
  namespaces: [{ type: 'user' }],
  uidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
  gidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
});

const config = configWith({
  namespaces: [{ type: 'user' }],
  uidMappings: [
    { containerID: 0, hostID: 100000, size: 1000 },
    { containerID: 1000, hostID: 1000, size: 1 },
  ],
  gidMappings: [{ containerID: 0, hostID: 200000, size: 65536 }],
});

function stages(context: NamespaceContext, of: Config = config) {
  const pid = new Provision<Pid>('container pid');
  pid.provide(77);
  const [map, root] = userMapStages(of, context, pid);
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
    stages(rootless, own).map.run(kernel);
    const written = kernel.lines.filter((line) => line.startsWith('write'));
    expect(written.map((line) => line.split('"')[1])).toEqual([
      '0 1000 1\\n',
      'deny',
      '0 1000 1\\n',
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
    for (const [context, of] of [
      [rootless, own],
      [{ ...privileged, setgroups: false }, config],
    ] as const) {
      const denied = new FakeKernel();
      stages(context, of).root.run(denied);
      expect(denied.lines).toEqual(['setresgid(0, 0, 0)', 'setresuid(0, 0, 0)']);
    }
  });

  it('allows groups unless an ordinary user has mapped just his own', () => {
    const joining = { ...own, linux: { namespaces: [{ type: 'user' as const, path: '/u' }] } };
    expect(allowsGroups(config, privileged)).toBe(true);
    expect(allowsGroups(own, privileged)).toBe(true);
    expect(allowsGroups(config, { ...privileged, setgroups: false })).toBe(false);
    expect(allowsGroups(own, rootless)).toBe(false);
    expect(allowsGroups(config, rootless)).toBe(true);
    expect(allowsGroups(joining, rootless)).toBe(true);
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

  describe('of what an unprivileged user may not map itself', () => {
    const mappingTools = { newuidmap: '/usr/bin/newuidmap', newgidmap: '/bin/newgidmap' };
    const context = { ...rootless, mappingTools };

    it('runs the programs that may, with no signal blocked', () => {
      const kernel = new FakeKernel();
      const { map, root } = stages(context);
      map.run(kernel);
      const child = [
        'clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD}, 64)',
        'rt_sigprocmask(SIG_SETMASK, {}, NULL, 8)',
      ];
      expect(kernel.lines).toEqual([
        ...child,
        'execve("/usr/bin/newuidmap", ["newuidmap", "77", "0", "100000", "1000", "1000", "1000", "1"], [])',
        'wait4(1001, status, 0, NULL)',
        ...child,
        'execve("/bin/newgidmap", ["newgidmap", "77", "0", "200000", "65536"], [])',
        'wait4(1002, status, 0, NULL)',
      ]);
      // Its groups may be left: newgidmap lets it keep setgroups.
      const inside = new FakeKernel();
      root.run(inside);
      expect(inside.lines[0]).toBe('setgroups(0, NULL)');
    });

    it('writes the map that it may', () => {
      const kernel = new FakeKernel();
      filesystem(kernel);
      const { uidMappings } = config.linux ?? {};
      const mixed = configWith({ ...own.linux, ...(uidMappings && { uidMappings }) });
      stages(context, mixed).map.run(kernel);
      const made = kernel.calls.map(({ call }) => call);
      expect(made.filter((call) => call === 'execve')).toHaveLength(1);
      expect(kernel.lines.filter((line) => line.startsWith('write'))).toEqual([
        expect.stringContaining('"deny"'),
        expect.stringContaining('"0 1000 1\\n"'),
      ]);
    });

    it('fails when they do', () => {
      const kernel = new FakeKernel();
      kernel.returns('wait4', ({ args: [, status] }) => {
        if (status instanceof FakeMemory) status.store(0, 4, 1 << 8);
        return 1001;
      });
      expect(() => stages(context).map.run(kernel)).toThrow(
        'linux.uidMappings: run /usr/bin/newuidmap: failed',
      );
    });
  });

  it('becomes root of a user namespace that is joined, as far as groups can be left', () => {
    const of = configWith({ namespaces: [{ type: 'pid' }, { type: 'user', path: '/ns/user' }] });
    const [root, ...more] = userMapStages(of, rootless, new Provision<Pid>('container pid'));
    expect(more).toEqual([]);
    expect(root).toMatchObject({ lane: 'container', needs: [] });
    const kernel = new FakeKernel();
    kernel.fail('setgroups', 'EPERM');
    root?.run(kernel);
    expect(kernel.lines).toEqual([
      'setgroups(0, NULL)',
      'setresgid(0, 0, 0)',
      'setresuid(0, 0, 0)',
    ]);
    const unmapped = new FakeKernel();
    unmapped.fail('setresgid', 'EINVAL');
    expect(() => root?.run(unmapped)).toThrow(
      'linux.namespaces[1].path: become root in the user namespace: setresgid: invalid argument',
    );
  });

  it('is nothing without a user namespace', () => {
    const pid = new Provision<Pid>('container pid');
    expect(userMapStages(configWith({ namespaces: [{ type: 'pid' }] }), privileged, pid)).toEqual(
      [],
    );
  });
});
