import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFilter, disassemble, parseFilter } from '@oci/seccomp';
import { parseSeccomp } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../store/support.ts';
import { FakeWorld, type Result } from './support.ts';

const architecture = 'SCMP_ARCH_X86_64';
const profile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: [architecture],
  syscalls: [
    { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
    {
      names: ['personality'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: 8, op: 'SCMP_CMP_EQ' }],
    },
  ],
};
const docker = {
  defaultAction: 'SCMP_ACT_ERRNO',
  archMap: [{ architecture, subArchitectures: ['SCMP_ARCH_X86'] }],
  syscalls: [
    { names: ['read'], action: 'SCMP_ACT_ALLOW' },
    { names: ['chroot'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_CHROOT'] } },
    { names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
    { names: ['ptrace'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '4.8' } },
  ],
};

function fileWith(content: unknown): string {
  const file = join(temporaryDirectory(), 'profile.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function seccomp(...args: readonly string[]): Promise<Result> {
  return new FakeWorld().run('seccomp', ...args);
}

async function prints(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await seccomp(...args, '--arch', architecture);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

describe('seccomp compile', () => {
  const { filter } = compileFilter(parseSeccomp(JSON.stringify(profile)), {
    architecture,
    newerCalls: 'ENOSYS',
  });

  it('prints the filter that a container would have', async () => {
    expect(await prints('compile', fileWith(profile))).toBe(
      `# ${architecture}: ${filter.length} instructions, ${filter.length * 8} bytes\n${disassemble(filter).trimEnd()}\n`,
    );
  });

  it.each(['-o', '--output'])('writes it with %s', async (flag) => {
    const output = join(temporaryDirectory(), 'filter');
    expect(await prints('compile', fileWith(profile), flag, output)).toBe('');
    expect(parseFilter(Uint8Array.from(readFileSync(output))).bytes).toEqual(filter.bytes);
  });

  it('compiles for another architecture', async () => {
    const file = fileWith({ ...profile, architectures: [] });
    const { stdout } = await seccomp('compile', '--arch', 'SCMP_ARCH_RISCV64', file);
    expect(stdout).toMatch(/^# SCMP_ARCH_RISCV64: \d+ instructions/);
    expect(stdout).not.toContain('X86');
  });

  it('takes the profile of a config.json', async () => {
    const config = { ociVersion: '1.3.0', root: { path: 'r' }, linux: { seccomp: profile } };
    expect(await prints('compile', fileWith(config))).toBe(
      await prints('compile', fileWith(profile)),
    );
  });

  it('warns of names that no call has', async () => {
    const syscalls = [{ names: ['read', 'nothing_such'], action: 'SCMP_ACT_ALLOW' }];
    const { status, stderr } = await seccomp('compile', fileWith({ ...profile, syscalls }));
    expect(status).toBe(0);
    expect(stderr).toContain('no system call is called nothing_such');
  });
});

describe('seccomp explain', () => {
  it.each([
    [['read'], 'read (0 on SCMP_ARCH_X86_64): ALLOW', 'profile.syscalls[0]: {"names":["read"]'],
    [['1'], 'write (1 on SCMP_ARCH_X86_64): ALLOW', 'profile.syscalls[0]: {"names":["write"]'],
    [['personality', '8'], 'personality (135 ', 'profile.syscalls[1]: {"names":["personality"]'],
    [['personality', '0x9'], '): ERRNO(EPERM)', 'profile.defaultAction: no rule holds'],
    [['personality', '-1'], '): ERRNO(EPERM)', 'profile.defaultAction: no rule holds'],
    [['mseal'], 'mseal (462 on SCMP_ARCH_X86_64): ERRNO(ENOSYS)', 'profile.syscalls: newer than'],
    [['1073741824'], '(1073741824 ', 'profile.architectures: not one of these'],
  ])('%j', async (call, what, why) => {
    const [first, second, ...rest] = (await prints('explain', fileWith(profile), ...call)).split(
      '\n',
    );
    expect(first).toContain(what);
    expect(first).toMatch(/, after \d+ instructions? of \d+$/);
    expect(second).toContain(why);
    expect(rest).toEqual(['']);
  });

  it.each([
    [['write', '--call-arch', 'SCMP_ARCH_X86'], 'write (4 on SCMP_ARCH_X86): ALLOW', '[0]: '],
    [['4', '--call-arch', 'SCMP_ARCH_X86'], 'write (4 on SCMP_ARCH_X86): ALLOW', '[0]: '],
    [['read', '--call-arch', 'SCMP_ARCH_X32'], 'read (1073741824 on SCMP_ARCH_X32): ALLOW', '[0]'],
    // Its number alone says what it is.
    [['0x40000000'], 'read (1073741824 on SCMP_ARCH_X32): ALLOW', 'profile.syscalls[0]: '],
    [['0x40000000', '--call-arch', 'SCMP_ARCH_X32'], 'read (1073741824 on SCMP_ARCH_X32)', '[0]'],
    [['read', '--call-arch', 'SCMP_ARCH_ARM'], 'read (3 on SCMP_ARCH_ARM): KILL', 'not one of'],
  ])('of another architecture: %j', async (call, what, why) => {
    const architectures = [architecture, 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'];
    const printed = await prints('explain', fileWith({ ...profile, architectures }), ...call);
    expect(printed.split('\n')[0]).toContain(what);
    expect(printed.split('\n')[1]).toContain(why);
  });

  it('takes the arguments that there are, up to the largest and down to the least', async () => {
    for (const word of ['0xffffffffffffffff', `${2n ** 64n - 1n}`, '-1', `-${2n ** 63n}`])
      expect(await prints('explain', fileWith(profile), 'personality', word)).toContain('EPERM');
  });

  it('names the path in a config.json', async () => {
    const config = { ociVersion: '1.3.0', root: { path: 'r' }, linux: { seccomp: profile } };
    expect(await prints('explain', fileWith(config), 'read')).toContain(
      'linux.seccomp.syscalls[0]',
    );
  });
});

describe('a profile in Docker’s format', () => {
  const elsewhere = { names: ['no_such'], action: 'SCMP_ACT_ALLOW', includes: { arches: ['arm'] } };
  const equal = { index: 0, value: 1, op: 'SCMP_CMP_EQ' };
  const filtered = (...syscalls: readonly object[]) =>
    fileWith({ ...docker, syscalls: [elsewhere, ...syscalls] });

  it('is spoken of by the places in its file', async () => {
    const file = filtered({ names: ['read', 'no_such'], action: 'SCMP_ACT_ALLOW' });
    const { stderr } = await seccomp('compile', '--arch', architecture, file);
    expect(stderr).toContain('profile.syscalls[1].names[1]: no system call is called no_such');
    const explained = await prints('explain', file, 'read');
    expect(explained).toContain('profile.syscalls[1]: {"names":["read"]');
  });

  const refusals: [string, readonly object[], string][] = [
    [
      'rules that contradict each other',
      [
        { names: ['read'], action: 'SCMP_ACT_ALLOW', args: [equal] },
        elsewhere,
        { names: ['read'], action: 'SCMP_ACT_LOG', args: [equal] },
      ],
      'profile.syscalls[3]: conflicts with profile.syscalls[1]: ',
    ],
    [
      'an error number that nothing returns',
      [{ names: ['read'], action: 'SCMP_ACT_KILL', errno: 'EPERM' }],
      'profile: syscalls[1].errno: SCMP_ACT_KILL returns no error number',
    ],
  ];

  it.each(refusals)('is refused with %s', async (_, syscalls, message) => {
    for (const command of ['compile', 'convert']) {
      const { status, stderr, stdout } = await seccomp(
        command,
        ...['--arch', architecture, filtered(...syscalls)],
      );
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain(message);
    }
  });

  it('is not converted to what no container could have', async () => {
    const file = filtered({ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' });
    const { status, stderr, stdout } = await seccomp('convert', '--arch', architecture, file);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('profile.listenerPath: SCMP_ACT_NOTIFY needs it');
  });

  it('may be podman’s, with names of errors', async () => {
    const podman = {
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrno: 'ENOSYS',
      syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errno: 'ENOENT' }],
    };
    const file = fileWith(podman);
    expect(await prints('explain', file, 'mkdir')).toContain('): ERRNO(ENOENT)');
    expect(await prints('explain', file, 'mount')).toContain('): ERRNO(ENOSYS)');
    for (const change of [{ defaultErrno: undefined }, { syscalls: [] }])
      expect(await prints('convert', fileWith({ ...podman, ...change }))).toMatch(/Ret": (2|38)/);
  });
});

describe('seccomp convert', () => {
  const converted = async (...flags: readonly string[]) =>
    JSON.parse(await prints('convert', fileWith(docker), ...flags));
  const namesOf = ({ syscalls }: { syscalls: { names: string[] }[] }) =>
    syscalls.flatMap(({ names }) => names);

  it('makes linux.seccomp of a profile in Docker’s format, for Docker’s capabilities', async () => {
    const result = await converted('--kernel', '6.1');
    expect(result).toMatchObject({
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: [architecture, 'SCMP_ARCH_X86'],
    });
    expect(namesOf(result)).toEqual(['read', 'chroot', 'ptrace']);
  });

  it('asks for the capabilities and the kernel that it is for', async () => {
    const flags = ['--cap', 'CAP_SYS_ADMIN', '--cap', 'CAP_KILL', '--kernel', '4.7.0-1'];
    expect(namesOf(await converted(...flags))).toEqual(['read', 'mount']);
  });

  it('leaves one that is in the specification’s form as it is', async () => {
    const large = JSON.stringify(profile).replace('"value":8', '"value":18446744073709551615');
    const printed = await prints('convert', fileWith(large));
    expect(JSON.stringify(JSON.parse(printed))).toBe(JSON.stringify(JSON.parse(large)));
    expect(printed).toContain('18446744073709551615');
  });
});

describe('seccomp', () => {
  it('shows its own help', async () => {
    const { status, stdout } = await seccomp();
    expect(status).toBe(0);
    for (const command of ['compile', 'explain', 'convert'])
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
  });

  it.each([
    [['bogus'], "No help topic for 'bogus'", 3],
    [['compile'], '"compile" requires exactly 1 argument(s)', 1],
    [['explain', 'x'], '"explain" requires a minimum of 2 argument(s)', 1],
    [['convert', '--bogus', 'x'], 'flag provided but not defined: -bogus', 1],
    [['compile', '-o'], 'flag needs an argument: -output', 1],
    [['compile', '/none'], 'open /none: no such file or directory', 1],
    [['compile', '--arch', 'X', '/none'], '--arch: X is not known', 1],
    [['compile', '--cap', 'KILL', '/none'], '--cap: KILL is not known', 1],
    [['compile', '--kernel', 'new', '/none'], '--kernel: new is not a version such as 6.1', 1],
  ])('%j is refused', async (args, message, status) => {
    expect(await seccomp(...args)).toEqual({ status, stdout: '', stderr: `ocirun: ${message}\n` });
  });

  it.each([
    [['nosuch'], `${architecture} has no system call nosuch`],
    [['read', 'x'], 'x is not a whole number'],
    [['read', ...'1234567'], 'a system call has at most 6 arguments'],
    [['4294967296'], '4294967296 is no number of a system call'],
    [['read', '0x1ffffffffffffffff'], '0x1ffffffffffffffff has more than 64 bits'],
    [['read', `${2n ** 64n}`], `${2n ** 64n} has more than 64 bits`],
    [['read', `-${2n ** 63n + 1n}`], `-${2n ** 63n + 1n} has more than 64 bits`],
    [['read', '--call-arch', 'X'], '--call-arch: X is not known'],
    [['open', '--call-arch', 'SCMP_ARCH_AARCH64'], 'SCMP_ARCH_AARCH64 has no system call open'],
  ])('cannot explain %j', async (call, message) => {
    const { status, stderr } = await seccomp(
      ...['explain', '--arch', architecture, fileWith(profile)],
      ...call,
    );
    expect({ status, stderr }).toEqual({ status: 1, stderr: `ocirun: ${message}\n` });
  });

  it.each([
    ['{', /^ocirun: profile: invalid JSON/],
    ['[]', /^ocirun: profile: /],
    [{ defaultAction: 'SCMP_ACT_NONE' }, /^ocirun: profile: defaultAction: /],
    [{ ...docker, syscalls: [{ name: 'read' }] }, /^ocirun: profile: syscalls\[0\]\.action: /],
    [{ ociVersion: '1.3.0', root: { path: 'r' } }, / has no linux\.seccomp\n$/],
  ])('refuses the profile %j', async (content, message) => {
    const { status, stdout, stderr } = await seccomp('compile', fileWith(content));
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
