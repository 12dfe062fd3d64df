import { DEVPTS_SUPER_MAGIC, TMPFS_MAGIC } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import type { Config, Process } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { checkMounts, consoleStages, MountsProvisions } from '../src/index.ts';
import { ROOTFS, root, statfs } from './support.ts';

/** A kernel on which /dev/pts is of this type. */
function kernel(magic = DEVPTS_SUPER_MAGIC): FakeKernel {
  const k = new FakeKernel();
  statfs(k, magic);
  k.returns('ioctl', 77, { when: /TIOCGPTPEER/ });
  return k;
}

/** Makes the console of a process, in a rootfs that is complete otherwise. */
function make(process: Partial<Process>, k = kernel()) {
  const provisions = new MountsProvisions();
  provisions.rootfs.provide(ROOTFS);
  const config = { root, process: { cwd: '/', ...process } };
  for (const stage of consoleStages(config, provisions)) stage.run(k);
  return { k, provisions };
}

const OPEN = [
  'openat2(900, "dev/pts", {flags=O_DIRECTORY|O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)',
  'fstatfs(3, statfs)',
  'openat2(3, "ptmx", {flags=O_RDWR|O_NOCTTY|O_CLOEXEC, resolve=RESOLVE_NO_XDEV|RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH}, 24)',
  'close(3)',
  'ioctl(4, TIOCSPTLCK, unlocked)',
];
const BIND = [
  'ioctl(4, TIOCGPTPEER, O_RDWR|O_NOCTTY|O_CLOEXEC)',
  'open_tree(77, "", OPEN_TREE_CLONE|AT_EMPTY_PATH|OPEN_TREE_CLOEXEC)',
  'openat2(900, "dev/console", {flags=O_NOFOLLOW|O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)',
  'move_mount(5, "", 6, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)',
  'close(6)',
  'close(5)',
];

describe('consoleStages', () => {
  it('makes nothing without a terminal', () => {
    for (const process of [{}, { terminal: false, consoleSize: { height: 1, width: 2 } }])
      expect(make(process).k.lines).toEqual([]);
  });

  it('makes a pseudo-terminal of the container’s own, and binds it onto /dev/console', () => {
    const { k, provisions } = make({ terminal: true });
    expect(k.lines).toEqual([...OPEN, ...BIND]);
    expect(provisions.console.value).toEqual({ master: 4, slave: 77 });
    // Whoever sends it closes it.
    expect(k.open).toEqual([4]);
  });

  it('makes /dev/console where it is missing', () => {
    const k = kernel();
    k.fail('openat2', 'ENOENT', { when: /"dev\/console"/ });
    k.fail('openat2', 'ENOENT', { when: /"\$\{path\}", \{flags=O_NOFOLLOW/, times: 1 });
    make({ terminal: true }, k);
    expect(
      k.lines.some((line) => /^mknodat\(\d+, "\$\{name\}", S_IFREG\|0644, 0\)$/.test(line)),
    ).toBe(true);
    expect(k.open).toEqual([4]);
  });

  it('sets its size', () => {
    const { k } = make({ terminal: true, consoleSize: { height: 25, width: 80 } });
    expect(k.lines).toEqual([...OPEN, 'ioctl(4, TIOCSWINSZ, window size)', ...BIND]);
    const memory = k.calls.find(({ line }) => line.includes('TIOCSWINSZ'))?.args[2];
    expect(memory).toMatchObject({ bytes: Buffer.from([25, 0, 80, 0, 0, 0, 0, 0]) });
  });

  const missing = 'process.terminal: open a pseudo-terminal: there is no devpts at /dev/pts';

  it('opens nothing of what is not a devpts', () => {
    const k = kernel(TMPFS_MAGIC);
    expect(() => make({ terminal: true }, k)).toThrow(missing);
    expect(k.lines).toEqual(OPEN.slice(0, 2));
  });

  it.each(['ENOENT', 'ENOTDIR'] as const)('says what is missing: %s', (errno) => {
    const k = kernel();
    k.fail('openat2', errno);
    expect(() => make({ terminal: true }, k)).toThrow(missing);
  });
});

describe('checkMounts', () => {
  const linux: Config['linux'] = { namespaces: [{ type: 'mount' }] };
  const issues = (process: Partial<Process>, namespaces = linux) =>
    checkMounts({
      ociVersion: '1.3.0',
      root,
      linux: namespaces,
      process: { cwd: '/', ...process },
    }).map(({ path, message }) => `${path}: ${message}`);

  it('lets no terminal have more characters than it can', () => {
    const most = { height: 65_535, width: 65_535 };
    expect(issues({ terminal: true, consoleSize: most })).toEqual([]);
    const more = { height: 65_536, width: 65_537 };
    expect(issues({ consoleSize: more })).toEqual([]);
    expect(issues({ terminal: true, consoleSize: more })).toEqual([
      'process.consoleSize.height: must be at most 65535',
      'process.consoleSize.width: must be at most 65535',
    ]);
  });

  it('lets no console be mounted without a new mount namespace', () => {
    expect(issues({ terminal: true }, {})).toEqual([
      'process.terminal: needs a new mount namespace, for its /dev/console',
    ]);
    expect(issues({ terminal: false }, {})).toEqual([]);
  });
});
