import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { flagSets } from '../src/flags.ts';
import {
  AT_FDCWD,
  Cell,
  capabilityData,
  cloneArgs,
  describeCall,
  describeFlags,
  groupList,
  Memory,
  makedev,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  openHow,
  Parameter,
  PR_CAP_AMBIENT,
  PR_CAPBSET_DROP,
  PR_SET_NO_NEW_PRIVS,
  RESOLVE_IN_ROOT,
  rlimit,
  signalSet,
  signatures,
  syscalls,
  text,
  Vector,
} from '../src/index.ts';

class Somewhere extends Memory {
  constructor() {
    super(8, 'ends');
  }
}

const fd = new Cell(4, 'root');

describe('signatures', () => {
  const folder = new URL('../src/calls/', import.meta.url);
  const sources = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
  const used = [...sources.join('\n').matchAll(/\.invoke\(\s*'(\w+)'/g)].map(([, name]) => name);

  test('the sources are scanned', () => {
    const invocations = [...sources.join('\n').matchAll(/\.invoke\(/g)];
    expect(used.length).toBe(invocations.length);
    expect(used.length).toBeGreaterThan(60);
  });

  test.each(used)('%s has one', (name) => {
    expect(Object.keys(signatures)).toContain(name);
  });

  test('are of system calls, and name sets that exist', () => {
    for (const [call, specs] of Object.entries(signatures)) {
      expect(Object.keys(syscalls)).toContain(call);
      expect(specs.length).toBeLessThanOrEqual(6);
      for (const spec of specs) {
        const [, kind] = spec.split(':');
        if (kind) expect([...flagSets(), 'device', 'dirfd', 'hex', 'octal']).toContain(kind);
      }
    }
  });
});

describe('describeCall', () => {
  test.each<[line: string, ...call: Parameters<typeof describeCall>]>([
    ['getpid()', 'getpid', []],
    [
      'openat2(3, "proc", {flags=O_PATH|O_CLOEXEC, resolve=RESOLVE_IN_ROOT}, 24)',
      'openat2',
      [3, 'proc', openHow(O_PATH | O_CLOEXEC, 0, RESOLVE_IN_ROOT), 24],
    ],
    ['mkdirat(AT_FDCWD, "a\\nb", 0755)', 'mkdirat', [AT_FDCWD, 'a\nb', 0o755]],
    ['close(-100)', 'close', [-100]],
    ['openat(root, ".", O_DIRECTORY, 0)', 'openat', [fd, '.', O_DIRECTORY, 0]],
    [
      'mknodat(5, "null", S_IFCHR|0666, makedev(1, 3))',
      'mknodat',
      [5, 'null', 0o20666, makedev(1, 3)],
    ],
    [
      `mount(NULL, "/proc/self/fd/\${root}", NULL, MS_REC|MS_SLAVE, NULL)`,
      'mount',
      [null, text`/proc/self/fd/${fd}`, null, 0x84000, null],
    ],
    [`chdir("\${cwd}")`, 'chdir', [new Parameter('cwd')]],
    ['pipe2(ends, O_CLOEXEC)', 'pipe2', [new Somewhere(), O_CLOEXEC]],
    ['write(1, <3 bytes>, 3)', 'write', [1, Buffer.from('abc'), 3]],
    [
      'execve("/bin/sh", ["sh", "-c"], [])',
      'execve',
      ['/bin/sh', new Vector(['sh', '-c']), new Vector([])],
    ],
    [
      'clone3({flags=CLONE_NEWNS, exit_signal=SIGCHLD}, 64)',
      'clone3',
      [cloneArgs({ flags: 0x20000, exitSignal: 17 }), 64],
    ],
    [
      'prlimit64(0, RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=0xffffffffffffffff}, NULL)',
      'prlimit64',
      [0, 7, rlimit(1024, 2n ** 64n - 1n), null],
    ],
    [
      'rt_sigprocmask(SIG_BLOCK, {bits=SIGTERM|SIGCHLD}, NULL, 8)',
      'rt_sigprocmask',
      [0, signalSet([15, 17]), null, 8],
    ],
    ['setgroups(2, [0, 5])', 'setgroups', [2, groupList([0, 5])]],
    [
      'capset({effective=0x3, permitted=0x3, permitted=0x1}, 0)',
      'capset',
      [capabilityData({ effective: 3n, permitted: (1n << 32n) | 3n, inheritable: 0n }), 0],
    ],
    ['prctl(PR_SET_NO_NEW_PRIVS, 1)', 'prctl', [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0]],
    ['prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN)', 'prctl', [PR_CAPBSET_DROP, 21, 0, 0, 0]],
    [
      'prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN)',
      'prctl',
      [PR_CAP_AMBIENT, 2, 0, 0, 0],
    ],
    ['fcntl(3, F_ADD_SEALS, F_SEAL_SEAL|F_SEAL_WRITE)', 'fcntl', [3, 1033, 9]],
    ['fcntl(3, F_DUPFD_CLOEXEC, 10)', 'fcntl', [3, 1030, 10]],
    ['close_range(3, 0xffffffff, CLOSE_RANGE_CLOEXEC)', 'close_range', [3, 0xffffffff, 4]],
    ['acct("/log", 0)', 'acct', ['/log', 0]],
  ])('%s', (line, ...call) => {
    expect(describeCall(...call)).toBe(line);
  });

  test('writes what is known only later as it is told to', () => {
    const args = [fd, text`${fd}/${new Parameter('id')}`, 0o700];
    const line = describeCall('mkdirat', args, (value) =>
      value instanceof Cell ? `c${value.index}` : `--${value.name}`,
    );
    expect(line).toBe(`mkdirat(c4, "\${c4}/\${--id}", 0700)`);
  });

  test('reads open flags as their architecture encodes them', () => {
    const how = openHow(0o40000, 0, 0);
    expect(describeCall('openat2', [3, '.', how, 24], undefined, 'aarch64')).toBe(
      'openat2(3, ".", {flags=O_DIRECTORY}, 24)',
    );
    expect(describeFlags('O', O_DIRECTORY)).toBe('O_DIRECTORY');
  });
});
