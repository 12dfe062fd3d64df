import { S_IFBLK, S_IFCHR } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { deviceStages } from '../src/index.ts';
import { run, statx } from './support.ts';

const OPEN =
  'openat2(900, "dev", {flags=O_DIRECTORY|O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)';
const NODES = [
  'mknodat(3, "null", S_IFCHR|0666, makedev(1, 3))',
  'mknodat(3, "zero", S_IFCHR|0666, makedev(1, 5))',
  'mknodat(3, "full", S_IFCHR|0666, makedev(1, 7))',
  'mknodat(3, "random", S_IFCHR|0666, makedev(1, 8))',
  'mknodat(3, "urandom", S_IFCHR|0666, makedev(1, 9))',
  'mknodat(3, "tty", S_IFCHR|0666, makedev(5, 0))',
];
const LINKS = [
  'symlinkat("pts/ptmx", 3, "ptmx")',
  'symlinkat("/proc/self/fd", 3, "fd")',
  'symlinkat("/proc/self/fd/0", 3, "stdin")',
  'symlinkat("/proc/self/fd/1", 3, "stdout")',
  'symlinkat("/proc/self/fd/2", 3, "stderr")',
  'faccessat2(AT_FDCWD, "/proc/kcore", 0, 0)',
  'symlinkat("/proc/kcore", 3, "core")',
];

const user = { namespaces: [{ type: 'user' as const }] };

describe('deviceStages', () => {
  it('makes the default devices and links', () => {
    const k = run(deviceStages, {});
    expect(k.lines).toEqual([OPEN, ...NODES, ...LINKS, 'close(3)']);
    expect(k.open).toEqual([]);
  });

  it('leaves a /dev of the host alone', () => {
    const mounts = [{ destination: '/dev/', source: '/dev', options: ['rbind'] }];
    expect(
      deviceStages(
        { root: { path: 'r' }, mounts },
        { bundle: '/', noPivot: false },
        Object.create(null),
      ),
    ).toEqual([]);
    const within = [{ destination: '/dev/net', source: '/dev/net', options: ['rbind'] }];
    expect(run(deviceStages, { mounts: within }).lines).toHaveLength(15);
  });

  it('makes what linux.devices names, with mode and owner', () => {
    const devices = [
      { path: '/dev/fuse', type: 'c' as const, major: 10, minor: 229, fileMode: 0o20640, uid: 7 },
      { path: '/dev/sda', type: 'b' as const, major: 8, minor: 0, gid: 6 },
      { path: '/dev/u', type: 'u' as const, major: 260, minor: 300, fileMode: 0 },
      { path: '/dev/pipe', type: 'p' as const, fileMode: 0o600 },
    ];
    const k = run(deviceStages, { linux: { devices } });
    expect(k.lines.slice(7, -8)).toEqual([
      'mknodat(3, "fuse", S_IFCHR|0640, makedev(10, 229))',
      'fchownat(3, "fuse", 7, 0, AT_SYMLINK_NOFOLLOW)',
      'mknodat(3, "sda", S_IFBLK|0666, makedev(8, 0))',
      'fchownat(3, "sda", 0, 6, AT_SYMLINK_NOFOLLOW)',
      'mknodat(3, "u", S_IFCHR, makedev(260, 300))',
      'mknodat(3, "pipe", S_IFIFO|0600, 0)',
    ]);
  });

  it('makes nodes elsewhere, in directories that are made', () => {
    const devices = [{ path: '/a/b', type: 'c' as const, major: 1, minor: 3 }];
    const k = new FakeKernel();
    k.fail('openat2', 'ENOENT', { when: /\(900, "(a|\$\{path\})"/, times: 2 });
    run(deviceStages, { linux: { devices } }, k);
    expect(k.lines).toContain(`mkdirat(900, "$\{name}", 0755)`);
    expect(k.lines.join()).toMatch(/mknodat\(\d+, "b", S_IFCHR\|0666/);
    expect(k.open).toEqual([]);
  });

  it('lets linux.devices replace a default device, but not ptmx', () => {
    const devices = [
      { path: '/dev/null', type: 'c' as const, major: 1, minor: 3, fileMode: 0o600 },
      { path: '/dev/ptmx', type: 'c' as const, major: 5, minor: 2 },
    ];
    const nodes = run(deviceStages, { linux: { devices } }).lines.slice(1, -8);
    expect(nodes).toEqual([...NODES.slice(1), 'mknodat(3, "null", S_IFCHR|0600, makedev(1, 3))']);
  });

  it('takes a node that is there already only when it is the same', () => {
    const same = new FakeKernel();
    same.fail('mknodat', 'EEXIST', { when: /"zero"/ });
    statx(same, S_IFCHR, 1, 5);
    expect(run(deviceStages, {}, same).lines).toContain(
      'statx(3, "zero", AT_SYMLINK_NOFOLLOW, STATX_TYPE, statx)',
    );
    for (const [mode, major, minor] of [
      [S_IFBLK, 1, 5],
      [S_IFCHR, 2, 5],
      [S_IFCHR, 1, 3],
    ] as const) {
      const other = new FakeKernel();
      other.fail('mknodat', 'EEXIST', { when: /"zero"/ });
      statx(other, mode, major, minor);
      expect(() => run(deviceStages, {}, other)).toThrow(
        'make /dev/zero: something else is there already',
      );
    }
  });

  const bound = (fd: number, name: string) => [
    `open_tree(AT_FDCWD, "/dev/${name}", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)`,
    `statx(${fd}, "", AT_EMPTY_PATH, STATX_TYPE, statx)`,
    `mknodat(3, "${name}", S_IFREG|0644, 0)`,
    `move_mount(${fd}, "", 3, "${name}", MOVE_MOUNT_F_EMPTY_PATH)`,
    `close(${fd})`,
  ];

  it('binds the nodes of the host in a user namespace', () => {
    const devices = ['zero', 'full', 'random', 'urandom', 'tty'].map((name) => ({
      path: `/dev/${name}`,
      type: 'p' as const,
    }));
    const k = new FakeKernel();
    statx(k, S_IFCHR, 1, 3);
    run(deviceStages, { linux: { ...user, devices } }, k);
    expect(k.lines.slice(1, 7)).toEqual([
      ...bound(4, 'null'),
      // FIFOs can be made there.
      'mknodat(3, "zero", S_IFIFO|0666, 0)',
    ]);
  });

  it("says that it is the host's node which is not there", () => {
    const devices = [{ path: '/dev/fuse', type: 'c' as const, major: 10, minor: 229 }];
    const k = new FakeKernel();
    statx(k, S_IFCHR, 1, 3);
    k.fail('open_tree', 'ENOENT', { when: /fuse/ });
    const nulls = ['zero', 'full', 'random', 'urandom', 'tty'].map((name) => ({
      path: `/dev/${name}`,
      type: 'p' as const,
    }));
    expect(() =>
      run(deviceStages, { linux: { ...user, devices: [...devices, ...nulls] } }, k),
    ).toThrow(
      "linux.devices[0]: make /dev/fuse: bind the host's /dev/fuse: open_tree: no such file or directory",
    );
  });

  it('does not bind another device under the name', () => {
    const k = new FakeKernel();
    statx(k, S_IFCHR, 1, 5);
    expect(() => run(deviceStages, { linux: user }, k)).toThrow(
      "make /dev/null: the host's /dev/null is another device",
    );
  });

  it('binds a node where none may be made', () => {
    const k = new FakeKernel();
    k.fail('mknodat', 'EPERM', { when: /"full", S_IFCHR/ });
    statx(k, S_IFCHR, 1, 7);
    const at = run(deviceStages, {}, k).lines.indexOf(bound(4, 'full')[0] ?? '');
    expect(k.lines.slice(at, at + 5)).toEqual(bound(4, 'full'));
  });

  it("replaces the image's ptmx", () => {
    const k = new FakeKernel();
    k.fail('symlinkat', 'EEXIST', { when: /ptmx/, times: 1 });
    expect(run(deviceStages, {}, k).lines.slice(7, 10)).toEqual([
      LINKS[0],
      'unlinkat(3, "ptmx", 0)',
      LINKS[0],
    ]);
  });

  it('keeps links that are there', () => {
    const k = new FakeKernel();
    k.fail('symlinkat', 'EEXIST', { when: /stdin|core/ });
    expect(run(deviceStages, {}, k).lines).toHaveLength(15);
  });

  it('links /dev/core only where the kernel has one', () => {
    const k = new FakeKernel();
    k.fail('faccessat2', 'ENOENT');
    expect(run(deviceStages, {}, k).lines).not.toContain(LINKS.at(-1));
  });
});
