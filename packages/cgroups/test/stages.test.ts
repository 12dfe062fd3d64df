import { type AnyProvision, type Fd, Parameter, Provision } from '@oci/kernel';
import { FakeKernel, FakeMemory } from '@oci/kernel/fake';
import type { Config, Linux } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { type CgroupsContext, cgroupStages, checkCgroups, type Layout } from '../src/index.ts';
import { legacy, legacyWith, unified } from './support/layouts.ts';

const configWith = (linux: Linux, rest: Partial<Config> = {}): Config => ({
  ociVersion: '1.3.0',
  linux,
  ...rest,
});

const contextWith = (layout: Layout, rest: Partial<CgroupsContext> = {}): CgroupsContext => ({
  layout,
  containerId: 'box',
  rootless: false,
  ...rest,
});

/** What the host lane does before the clone. */
function made(config: Config, context: CgroupsContext, kernel = new FakeKernel()) {
  const stages = cgroupStages(config, context);
  for (const stage of stages.make) kernel.transaction(() => stage.run(kernel));
  return { stages, kernel, lines: kernel.lines };
}

/** Lets a file that is read have this content. */
function reads(kernel: FakeKernel, content: string): void {
  kernel.returns('read', ({ args: [, memory] }) => {
    if (memory instanceof FakeMemory) memory.bytes.write(content);
    return content.length;
  });
}

const freezer = '/sys/fs/cgroup/freezer';

describe('cgroup v1', () => {
  it('is made, opened for joining, joined by the process itself, and closed', () => {
    const { kernel, stages, lines } = made(configWith({}), contextWith(legacyWith('freezer')));
    expect(lines).toEqual([
      `mkdirat(AT_FDCWD, "${freezer}/box", 0755)`,
      `openat(AT_FDCWD, "${freezer}/box/tasks", O_RDWR|O_CLOEXEC, 0)`,
    ]);
    const host = new FakeKernel();
    for (const stage of stages.close) stage.run(host);
    expect(host.lines).toEqual(['close(3)']);
    for (const stage of stages.join) stage.run(kernel);
    expect(kernel.lines.slice(2)).toEqual(['write(3, "0", 1)', 'close(3)']);
    expect(kernel.open).toEqual([]);
    expect(stages.directory).toBeUndefined();
  });

  it('is limited before anybody is in it, one descriptor a file', () => {
    const resources = {
      memory: { limit: 5, swap: 6 },
      blockIO: {
        throttleReadBpsDevice: [
          { major: 8, minor: 0, rate: 1 },
          { major: 8, minor: 16, rate: 2 },
        ],
      },
    };
    const { lines } = made(configWith({ resources }), contextWith(legacyWith('memory', 'blkio')));
    expect(lines).toEqual([
      'mkdirat(AT_FDCWD, "/sys/fs/cgroup/memory/box", 0755)',
      'openat(AT_FDCWD, "/sys/fs/cgroup/memory/box/tasks", O_RDWR|O_CLOEXEC, 0)',
      'openat(AT_FDCWD, "/sys/fs/cgroup/memory/box", O_DIRECTORY|O_PATH|O_CLOEXEC, 0)',
      'openat(4, "memory.limit_in_bytes", O_WRONLY|O_CLOEXEC, 0)',
      'write(5, "5", 1)',
      'close(5)',
      'openat(4, "memory.memsw.limit_in_bytes", O_WRONLY|O_CLOEXEC, 0)',
      'write(6, "6", 1)',
      'close(6)',
      'close(4)',
      'mkdirat(AT_FDCWD, "/sys/fs/cgroup/blkio/box", 0755)',
      'openat(AT_FDCWD, "/sys/fs/cgroup/blkio/box/tasks", O_RDWR|O_CLOEXEC, 0)',
      'openat(AT_FDCWD, "/sys/fs/cgroup/blkio/box", O_DIRECTORY|O_PATH|O_CLOEXEC, 0)',
      'openat(8, "blkio.throttle.read_bps_device", O_WRONLY|O_CLOEXEC, 0)',
      'write(9, "8:0 1", 5)',
      'write(9, "8:16 2", 6)',
      'close(9)',
      'close(8)',
    ]);
  });

  it('is made in every hierarchy', () => {
    const { lines } = made(configWith({}), contextWith(legacy));
    expect(lines.filter((line) => line.startsWith('mkdirat'))).toHaveLength(11);
    expect(lines.filter((line) => line.includes('/tasks"'))).toHaveLength(11);
  });

  it('gets the processors of the cgroup above where it has none', () => {
    const kernel = new FakeKernel();
    reads(kernel, '\n');
    kernel.returns('read', 4, { when: /read\([79]/ });
    const { lines } = made(configWith({}), contextWith(legacyWith('cpuset')), kernel);
    expect(lines).toEqual([
      'mkdirat(AT_FDCWD, "/sys/fs/cgroup/cpuset/box", 0755)',
      'openat(AT_FDCWD, "/sys/fs/cgroup/cpuset/box/tasks", O_RDWR|O_CLOEXEC, 0)',
      'openat(AT_FDCWD, "/sys/fs/cgroup/cpuset/box/cpuset.cpus", O_RDWR|O_CLOEXEC, 0)',
      'read(4, cpuset, 4096)',
      'openat(AT_FDCWD, "/sys/fs/cgroup/cpuset/cpuset.cpus", O_CLOEXEC, 0)',
      'read(5, cpuset, 4096)',
      'write(4, cpuset, 1)',
      'close(5)',
      'close(4)',
      'openat(AT_FDCWD, "/sys/fs/cgroup/cpuset/box/cpuset.mems", O_RDWR|O_CLOEXEC, 0)',
      'read(6, cpuset, 4096)',
      'openat(AT_FDCWD, "/sys/fs/cgroup/cpuset/cpuset.mems", O_CLOEXEC, 0)',
      'read(7, cpuset, 4096)',
      'write(6, cpuset, 4)',
      'close(7)',
      'close(6)',
    ]);
  });

  it('gets no processors that the config gives it, and leaves those above that have some', () => {
    const kernel = new FakeKernel();
    kernel.returns('read', 0, { when: /task/ });
    kernel.returns('read', 4, { when: /cpuset/ });
    const { lines } = made(
      configWith({ cgroupsPath: '/a/box', resources: { cpu: { cpus: '1', mems: '0' } } }),
      contextWith(legacyWith('cpuset')),
      kernel,
    );
    expect(lines.filter((line) => /^(write|openat.*cpuset\..*RDWR)/.test(line))).toEqual([
      'openat(AT_FDCWD, "/sys/fs/cgroup/cpuset/a/cpuset.cpus", O_RDWR|O_CLOEXEC, 0)',
      'openat(AT_FDCWD, "/sys/fs/cgroup/cpuset/a/cpuset.mems", O_RDWR|O_CLOEXEC, 0)',
      'write(7, "1", 1)',
      'write(8, "0", 1)',
    ]);
  });

  it('writes device rules in order', () => {
    const devices = [{ allow: false, access: 'rwm' }];
    const { lines } = made(
      configWith({ resources: { devices } }),
      contextWith(legacyWith('devices')),
    );
    const writes = lines.filter((line) => line.startsWith('write'));
    expect(writes[0]).toBe('write(5, "a", 1)');
    expect(writes).toContain('write(6, "c 1:3 rwm", 9)');
  });
});

const leaf = '/sys/fs/cgroup/pod/box';

describe('cgroup v2', () => {
  const { stages, kernel, lines } = made(
    configWith({ cgroupsPath: '/pod/box', resources: { pids: { limit: 7 } } }),
    contextWith(unified),
  );
  const all = '+cpuset +cpu +io +memory +hugetlb +pids +rdma';

  it('has its controllers enabled from the root down, and its directory opened for clone3', () => {
    expect(lines).toEqual([
      `mkdirat(AT_FDCWD, "${leaf}", 0755)`,
      `openat(AT_FDCWD, "${leaf}", O_DIRECTORY|O_CLOEXEC, 0)`,
      'flock(3, LOCK_EX|LOCK_NB)',
      'openat(3, "cgroup.events", O_CLOEXEC, 0)',
      'read(4, cgroup events, 32)',
      'close(4)',
      'openat(AT_FDCWD, "/sys/fs/cgroup/cgroup.subtree_control", O_WRONLY|O_CLOEXEC, 0)',
      `write(5, "${all}", ${all.length})`,
      'close(5)',
      'openat(AT_FDCWD, "/sys/fs/cgroup/pod/cgroup.subtree_control", O_WRONLY|O_CLOEXEC, 0)',
      `write(6, "${all}", ${all.length})`,
      'close(6)',
      'openat(3, "pids.max", O_WRONLY|O_CLOEXEC, 0)',
      'write(7, "7", 1)',
      'close(7)',
    ]);
    expect(stages.directory?.value).toBe(3);
  });

  it('is not left open in the container: it would lead out of it', () => {
    for (const stage of stages.join) stage.run(kernel);
    expect(kernel.open).toEqual([]);
    expect(kernel.lines.at(-1)).toBe('close(3)');
  });

  it('has controllers enabled one by one where the kernel refuses some', () => {
    const refusing = new FakeKernel();
    refusing.fail('write', 'EBUSY', { when: / \+/ });
    refusing.fail('write', 'EINVAL', { when: /"\+cpu"/ });
    const config = configWith({ resources: { pids: { limit: 7 } } });
    expect(made(config, contextWith(unified), refusing).lines).toContain('write(4, "+pids", 5)');
    refusing.fail('write', 'EBUSY', { when: /"\+pids"/ });
    expect(() => made(config, contextWith(unified), refusing)).toThrow(
      'enable controllers in /sys/fs/cgroup: linux.resources.pids.limit: enable pids: write: device or resource busy',
    );
  });

  it('is made where the cgroups above belong to somebody else, who has enabled controllers', () => {
    const kernel = new FakeKernel();
    kernel.fail('openat', 'EACCES', { when: /subtree_control/ });
    const { lines } = made(configWith({ cgroupsPath: '/a/box' }), contextWith(unified), kernel);
    expect(lines).toContain('openat(AT_FDCWD, "/sys/fs/cgroup/a/box", O_DIRECTORY|O_CLOEXEC, 0)');
    expect(lines.filter((line) => line.startsWith('write'))).toEqual([]);
  });

  it('is handed over to a user who may write to it', () => {
    const mounts = [{ destination: '/sys/fs/cgroup', source: 'cgroup', type: 'cgroup' }];
    const linux: Linux = {
      namespaces: [{ type: 'cgroup' }, { type: 'user' }],
      uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
    };
    const process = { cwd: '/', user: { uid: 5, gid: 0 } };
    const chowns = (config: Config) =>
      made(config, contextWith(unified)).lines.filter((line) => line.startsWith('fchownat'));
    expect(chowns(configWith(linux, { mounts, process }))).toEqual([
      'fchownat(3, "", 1005, -1, AT_EMPTY_PATH)',
      'fchownat(3, "cgroup.procs", 1005, -1, 0)',
      'fchownat(3, "memory.oom.group", 1005, -1, 0)',
    ]);
    const mounted = (change: object) =>
      chowns(
        configWith(linux, { mounts: mounts.map((mount) => ({ ...mount, ...change })), process }),
      );
    expect(mounted({ options: ['ro'] })).toEqual([]);
    expect(mounted({ options: ['ro', 'rw'] })).toHaveLength(3);
    expect(mounted({ source: 'anything', destination: '//sys/fs/./cgroup/' })).toHaveLength(3);
    expect(mounted({ type: 'cgroup2' })).toHaveLength(3);
    expect(mounted({ type: 'bind' })).toEqual([]);
    expect(chowns(configWith({ ...linux, namespaces: [] }, { mounts, process }))).toEqual([]);
    expect(chowns(configWith(linux, { process }))).toEqual([]);
  });

  it('loads a program for device rules', () => {
    const devices = [{ allow: false, access: 'rwm' }];
    const { lines } = made(configWith({ resources: { devices } }), contextWith(unified));
    expect(lines.some((line) => line.startsWith('bpf('))).toBe(true);
    const without = made(configWith({}), contextWith(unified));
    expect(without.lines.some((line) => line.startsWith('bpf('))).toBe(false);
  });
});

describe('version 2 beside version 1', () => {
  const hybrid: Layout = {
    kind: 'hybrid',
    hierarchies: legacyWith('freezer').hierarchies,
    unified: { version: 2, controllers: ['hugetlb'], mountpoint: '/sys/fs/cgroup/unified' },
    tracked: false,
  };
  const hugepageLimits = [{ pageSize: '2MB', limit: 1 }];
  const own = '/sys/fs/cgroup/unified/box';

  it('is used where somebody tracks processes by it, without enabling what nobody needs', () => {
    const tracked = made(configWith({}), contextWith({ ...hybrid, tracked: true }));
    expect(tracked.lines.slice(2)).toEqual([
      `mkdirat(AT_FDCWD, "${own}", 0755)`,
      `openat(AT_FDCWD, "${own}", O_DIRECTORY|O_CLOEXEC, 0)`,
    ]);
    expect(tracked.stages.layout.unified).toEqual(hybrid.unified);
  });

  it('is used where a limit is there, with its controller enabled', () => {
    const { lines } = made(configWith({ resources: { hugepageLimits } }), contextWith(hybrid));
    expect(lines).toContain('write(5, "+hugetlb", 8)');
    expect(lines).toContain('openat(4, "hugetlb.2MB.max", O_WRONLY|O_CLOEXEC, 0)');
  });

  it('is left alone else', () => {
    const { stages, lines } = made(configWith({}), contextWith(hybrid));
    expect(lines.filter((line) => line.includes('unified'))).toEqual([]);
    expect(stages.directory).toBeUndefined();
    expect(stages.layout).toEqual({ kind: 'hybrid', hierarchies: hybrid.hierarchies });
  });
});

describe('directories', () => {
  const deep = configWith({ cgroupsPath: '/a/b/box' });
  const context = contextWith(legacyWith('pids'));
  const pids = '/sys/fs/cgroup/pids';

  it('are made along the path only where it is not there', () => {
    const kernel = new FakeKernel();
    kernel.fail('mkdirat', 'ENOENT', { times: 1 });
    kernel.fail('mkdirat', 'EEXIST', { when: /pids\/a"/ });
    kernel.fail('openat', 'EMFILE', { when: /tasks/ });
    expect(() => made(deep, context, kernel)).toThrow(
      `open the container's cgroup in ${pids}: openat: too many open files`,
    );
    expect(kernel.lines).toEqual([
      `mkdirat(AT_FDCWD, "${pids}/a/b/box", 0755)`,
      `mkdirat(AT_FDCWD, "${pids}/a", 0755)`,
      `mkdirat(AT_FDCWD, "${pids}/a/b", 0755)`,
      `mkdirat(AT_FDCWD, "${pids}/a/b/box", 0755)`,
      `openat(AT_FDCWD, "${pids}/a/b/box/tasks", O_RDWR|O_CLOEXEC, 0)`,
      // What was made is removed, and nothing else.
      `unlinkat(AT_FDCWD, "${pids}/a/b/box", AT_REMOVEDIR)`,
      `unlinkat(AT_FDCWD, "${pids}/a/b", AT_REMOVEDIR)`,
    ]);
  });

  it('that have processes are refused', () => {
    const kernel = new FakeKernel();
    kernel.fail('mkdirat', 'EEXIST');
    reads(kernel, '12');
    expect(() => made(configWith({}), context, kernel)).toThrow(
      `make the container's cgroup in ${pids}: cgroup ${pids}/box has processes in it`,
    );
    expect(kernel.open).toEqual([]);
    expect(kernel.lines.filter((line) => line.startsWith('unlinkat'))).toEqual([]);
  });

  const frozen = 'populated 0\nfrozen 1\n';
  const thawed = 'populated 0\nfrozen 0\n';

  /** Makes a cgroup; `existing` or not, one of its files has this content, all others none. */
  function make(layout: Layout, file: string, content: string, path: string, existing: boolean) {
    const kernel = new FakeKernel();
    if (existing) kernel.fail('mkdirat', 'EEXIST');
    let opened = '';
    kernel.returns('openat', ({ args: [, path] }) => {
      opened = String(path);
      return 50;
    });
    kernel.returns('read', ({ args: [, memory] }) => {
      if (!opened.endsWith(file)) return 0;
      if (memory instanceof FakeMemory) memory.bytes.write(content);
      return content.length;
    });
    return made(configWith({ cgroupsPath: path }), contextWith(layout), kernel);
  }

  it.each([
    ['freezer.state', 'FROZEN', legacyWith('freezer'), true],
    ['freezer.state', 'FREEZING', legacyWith('freezer'), true],
    ['freezer.state', 'THAWED\n', legacyWith('freezer'), false],
    ['cgroup.events', frozen, unified, true],
    ['cgroup.events', thawed, unified, false],
    // Before Linux 5.2.
    ['cgroup.events', 'populated 0\n', unified, false],
  ])('with %s %j may be frozen, by themselves or from above', (file, state, layout, isFrozen) => {
    for (const [path, existing] of [
      ['', true],
      ['/box', true],
      ['/pod/box', true],
      ['/pod/box', false],
    ] as const) {
      const start = () => make(layout, file, state, path, existing);
      if (isFrozen) expect(start).toThrow(/is frozen$/);
      else expect(start).not.toThrow();
    }
  });

  it('that have processes below are refused on version 2', () => {
    const start = () => make(unified, 'cgroup.events', 'populated 1\nfrozen 0\n', '', true);
    expect(start).toThrow('cgroup /sys/fs/cgroup/box has processes in it');
  });

  it('are locked in one hierarchy until the container has joined, where the config names them', () => {
    const { lines } = made(
      configWith({ cgroupsPath: '/box' }),
      contextWith(legacyWith('pids', 'freezer')),
    );
    expect(lines).toEqual([
      `mkdirat(AT_FDCWD, "${freezer}/box", 0755)`,
      `openat(AT_FDCWD, "${freezer}/box/tasks", O_RDWR|O_CLOEXEC, 0)`,
      'flock(3, LOCK_EX|LOCK_NB)',
      'read(3, task, 8)',
      `mkdirat(AT_FDCWD, "${pids}/box", 0755)`,
      `openat(AT_FDCWD, "${pids}/box/tasks", O_RDWR|O_CLOEXEC, 0)`,
    ]);
  });

  it.each([
    ['tasks', legacyWith('pids'), pids],
    ['the directory', unified, '/sys/fs/cgroup'],
  ])('that another start uses are refused, by a lock of %s, and left to it', (_, layout, root) => {
    const kernel = new FakeKernel();
    kernel.fail('flock', 'EAGAIN');
    // Made here, and locked by the other one before it could be here.
    expect(() => made(configWith({ cgroupsPath: '/box' }), contextWith(layout), kernel)).toThrow(
      `cgroup ${root}/box is being used by another start`,
    );
    expect(kernel.lines.filter((line) => line.startsWith('unlinkat'))).toEqual([]);
    expect(kernel.open).toEqual([]);
  });

  it('that another start has joined before they were locked are refused, though made here', () => {
    expect(() => make(legacyWith('pids'), 'tasks', '12\n', '/box', false)).toThrow(
      `cgroup ${pids}/box has processes in it`,
    );
    expect(() => make(unified, 'cgroup.events', 'populated 1\n', '/box', false)).toThrow(
      'cgroup /sys/fs/cgroup/box has processes in it',
    );
  });
});

describe('cgroupStages', () => {
  it('keeps the path before anything is made, with the id of the launch', () => {
    const state = new Provision<Fd>('state');
    state.provide(40);
    const kernel = new FakeKernel({ parameters: { id: 'named' } });
    const context = contextWith(legacyWith('pids'), { state, containerId: new Parameter('id') });
    kernel.fail('mkdirat', 'EROFS');
    expect(() => made(configWith({}), context, kernel)).toThrow('read-only file system');
    const shown = '$' + '{id}';
    expect(kernel.lines).toEqual([
      `symlinkat("/${shown}", 40, "cgroup")`,
      `mkdirat(AT_FDCWD, "/sys/fs/cgroup/pids/${shown}", 0755)`,
      'unlinkat(40, "cgroup", 0)',
    ]);
  });

  it('names file, value and JSON path of what the kernel refuses', () => {
    const kernel = new FakeKernel();
    kernel.fail('write', 'EINVAL');
    const config = configWith({ resources: { memory: { limit: 1 } } });
    expect(() => made(config, contextWith(legacyWith('memory')), kernel)).toThrow(
      'linux.resources.memory.limit: write 1 to memory.limit_in_bytes: write: invalid argument',
    );
    expect(kernel.open).toEqual([]);
    const other = new FakeKernel();
    other.fail('write', 'EINVAL', { when: /"1"/ });
    expect(() => made(config, contextWith(unified), other)).toThrow('memory.max');
    expect(other.open).toEqual([]);
  });

  it('goes on without files that need not be there, and writes their alternatives', () => {
    const kernel = new FakeKernel();
    kernel.fail('openat', 'ENOENT', { when: /rsvd|"blkio\.weight"/ });
    const resources = {
      hugepageLimits: [{ pageSize: '2MB', limit: 5 }],
      blockIO: { weight: 100 },
    };
    const layout = legacyWith('hugetlb', 'blkio');
    const { lines } = made(configWith({ resources }), contextWith(layout), kernel);
    expect(lines.filter((line) => line.includes('blkio.bfq.weight'))).toHaveLength(1);
    kernel.fail('openat', 'ENOENT', { when: /limit_in_bytes/ });
    expect(() => made(configWith({ resources }), contextWith(layout), kernel)).toThrow(
      'linux.resources.hugepageLimits[0].limit: write 5 to hugetlb.2MB.limit_in_bytes: openat: no such file',
    );
  });

  it('needs and provides what it says', () => {
    for (const layout of [legacy, unified]) {
      const { stages, kernel } = made(configWith({}), contextWith(layout));
      const provided = new Set<AnyProvision>();
      for (const stage of [...stages.make, ...stages.close, ...stages.join]) {
        for (const need of stage.needs ?? []) expect(provided).toContain(need);
        if (stage.lane === 'container') stage.run(kernel);
        for (const provision of stage.provides ?? []) provided.add(provision);
      }
      expect(stages.joined.every((provision) => provided.has(provision))).toBe(true);
      expect(stages.path).toBe('/box');
    }
  });

  it('is nothing for a caller without privileges who asks for nothing, or without cgroups', () => {
    const rootless = { rootless: true };
    const stages = (linux: Linux, layout: Layout, rest = {}) =>
      cgroupStages(configWith(linux), contextWith(layout, rest));
    expect(stages({}, unified, rootless).make).toEqual([]);
    expect(stages({ cgroupsPath: '/a' }, unified, rootless).make).toHaveLength(1);
    const devices = [{ allow: false, access: 'rwm' }];
    expect(stages({ resources: { devices } }, unified, rootless).make).toEqual([]);
    expect(stages({ resources: { pids: { limit: 1 } } }, unified, rootless).make).toHaveLength(1);
    const none = stages({}, { kind: 'legacy', hierarchies: [] });
    expect([none.make, none.join, none.close, none.joined]).toEqual([[], [], [], []]);
    expect(none.remove(new FakeKernel())).toBe(0);
  });
});

describe('device rules without privileges', () => {
  const devices = [
    { allow: true, access: 'rwm' },
    { allow: true, type: 'b', major: 8, access: 'rwm' },
    { allow: false, type: 'b', major: 8, minor: 0, access: 'w' },
  ];
  const linux = { cgroupsPath: '/a', resources: { devices } };

  it('are not written on version 1, nor need they be such as it can have', () => {
    const layout = legacyWith('devices');
    const { lines } = made(configWith(linux), contextWith(layout, { rootless: true }));
    expect(lines.filter((line) => line.startsWith('write'))).toEqual([]);
    expect(checkCgroups(configWith(linux), { layout, rootless: true })).toEqual([]);
    expect(checkCgroups(configWith(linux), { layout: legacyWith('pids'), rootless: true })).toEqual(
      [],
    );
  });
});

describe('checkCgroups', () => {
  it('refuses what would keep a container from ever starting', () => {
    const issues = (value: string) =>
      checkCgroups(configWith({ resources: { unified: { 'cgroup.freeze': value } } }), {
        layout: unified,
      });
    expect(issues('1\n')).toEqual([
      {
        path: 'linux.resources.unified["cgroup.freeze"]',
        message: 'must not freeze a container before it is started',
      },
    ]);
    expect(issues('0')).toEqual([]);
  });

  it('tells all that is wrong', () => {
    const devices = [{ allow: false, access: 'rwm' }];
    const config = configWith({
      cgroupsPath: '../x',
      resources: { devices, pids: { limit: 1 } },
    });
    const context = { layout: legacyWith('memory') };
    expect(checkCgroups(config, context).map(({ path }) => path)).toEqual([
      'linux.cgroupsPath',
      'linux.resources.pids.limit',
      'linux.resources.devices',
    ]);
  });
});
