import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { convertDockerProfile, type DockerTarget } from '../../src/docker/index.ts';

const real = readFileSync(new URL('../data/docker-default.json', import.meta.url), 'utf8');

const target = (change: Partial<DockerTarget> = {}): DockerTarget => ({
  architecture: 'SCMP_ARCH_X86_64',
  capabilities: [],
  kernelRelease: '6.1.0-18-amd64',
  ...change,
});

/** A rule that does not apply, so that what follows it gets another place. */
const elsewhere = { names: ['a'], action: 'SCMP_ACT_ALLOW', includes: { arches: ['s390x'] } };

/** What becomes of one rule. */
function kept(rule: object, change: Partial<DockerTarget> = {}): boolean {
  const syscalls = [{ names: ['read'], action: 'SCMP_ACT_ALLOW', ...rule }];
  const text = JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls });
  return convertDockerProfile(text, target(change)).profile.syscalls?.length === 1;
}

function issues(profile: object): string[] {
  try {
    convertDockerProfile(JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', ...profile }), target());
    return [];
  } catch (error) {
    return [String(error)];
  }
}

describe("Docker's default profile", () => {
  it('keeps the architecture at hand and those below it', () => {
    const architectures = (architecture: DockerTarget['architecture']) =>
      convertDockerProfile(real, target({ architecture })).profile.architectures;
    expect(architectures('SCMP_ARCH_X86_64')).toEqual([
      'SCMP_ARCH_X86_64',
      'SCMP_ARCH_X86',
      'SCMP_ARCH_X32',
    ]);
    expect(architectures('SCMP_ARCH_AARCH64')).toEqual(['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM']);
    // Of which the profile does not speak: the filter is for that one alone.
    expect(architectures('SCMP_ARCH_M68K')).toEqual([]);
  });

  it('keeps the rules that apply, without their conditions', () => {
    const of = (change: Partial<DockerTarget>) =>
      convertDockerProfile(real, target(change)).profile.syscalls ?? [];
    const actionOf = (rules: ReturnType<typeof of>, name: string) =>
      rules.filter(({ names }) => names.includes(name)).map(({ action }) => action);
    expect(actionOf(of({}), 'mount')).toEqual([]);
    expect(actionOf(of({}), 'clone3')).toEqual(['SCMP_ACT_ERRNO']);
    const admin = of({ capabilities: ['CAP_SYS_ADMIN'] });
    expect(actionOf(admin, 'mount')).toEqual(['SCMP_ACT_ALLOW']);
    expect(actionOf(admin, 'clone3')).toEqual(['SCMP_ACT_ALLOW']);
    expect(actionOf(of({}), 'ptrace')).toEqual(['SCMP_ACT_ALLOW']);
    expect(actionOf(of({ kernelRelease: '4.7.9' }), 'ptrace')).toEqual([]);
    expect(actionOf(of({}), 'arch_prctl')).toEqual(['SCMP_ACT_ALLOW']);
    expect(actionOf(of({ architecture: 'SCMP_ARCH_AARCH64' }), 'arch_prctl')).toEqual([]);
    expect(Object.keys(Object.assign({}, ...of({}))).sort()).toEqual([
      'action',
      'args',
      'errnoRet',
      'names',
    ]);
  });

  it('keeps what the default action returns', () => {
    expect(convertDockerProfile(real, target()).profile).toMatchObject({
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 1,
    });
  });
});

describe('a rule', () => {
  it.each<[string, object, Partial<DockerTarget>, boolean]>([
    ['without conditions', {}, {}, true],
    ['for this architecture', { includes: { arches: ['s390x', 'amd64'] } }, {}, true],
    ['for another one', { includes: { arches: ['arm64'] } }, {}, false],
    ['not for this one', { excludes: { arches: ['amd64'] } }, {}, false],
    [
      'for all of its capabilities',
      { includes: { caps: ['CAP_A', 'CAP_B'] } },
      { capabilities: ['CAP_A', 'CAP_B'] },
      true,
    ],
    [
      'for one capability too few',
      { includes: { caps: ['CAP_A', 'CAP_B'] } },
      { capabilities: ['CAP_A'] },
      false,
    ],
    [
      'not for one of its capabilities',
      { excludes: { caps: ['CAP_A', 'CAP_B'] } },
      { capabilities: ['CAP_B'] },
      false,
    ],
    ['from this kernel on', { includes: { minKernel: '6.1' } }, {}, true],
    ['from a later one on', { includes: { minKernel: '6.10' } }, {}, false],
    ['from an earlier one on', { includes: { minKernel: '5.19' } }, {}, true],
    ['before this kernel', { excludes: { minKernel: '6.1' } }, {}, false],
    ['before a later one', { excludes: { minKernel: '6.2' } }, {}, true],
  ])('%s', (_, rule, change, expected) => {
    expect(kept(rule, change)).toBe(expected);
  });

  it('may name one call by name', () => {
    const text = JSON.stringify({
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ name: 'read', action: 'SCMP_ACT_ALLOW', args: null }],
    });
    expect(convertDockerProfile(text, target()).profile.syscalls).toEqual([
      { names: ['read'], action: 'SCMP_ACT_ALLOW' },
    ]);
  });
});

describe('errors by their names, which podman has', () => {
  const converted = (profile: object, rule: object) => {
    const syscalls = [{ names: ['read'], action: 'SCMP_ACT_ERRNO', ...rule }];
    const text = JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls, ...profile });
    const { defaultErrnoRet, syscalls: [first] = [] } = convertDockerProfile(
      text,
      target(),
    ).profile;
    return [defaultErrnoRet, first?.errnoRet];
  };

  it.each<[string, object, object, (number | undefined)[]]>([
    ['alone', { defaultErrno: 'ENOSYS' }, { errno: 'ENOENT' }, [38, 2]],
    [
      'before numbers',
      { defaultErrno: 'ENOSYS', defaultErrnoRet: 1 },
      { errno: 'ENOENT', errnoRet: 1 },
      [38, 2],
    ],
    [
      'unless they are empty',
      { defaultErrno: '', defaultErrnoRet: 1 },
      { errno: '', errnoRet: 3 },
      [1, 3],
    ],
    ['or digits', { defaultErrno: '7' }, { errno: '0' }, [7, 0]],
    ['of which some have two', { defaultErrno: 'EWOULDBLOCK' }, { errno: 'ENOTSUP' }, [11, 95]],
    ['or none', {}, {}, [undefined, undefined]],
  ])('%s', (_, profile, rule, numbers) => {
    expect(converted(profile, rule)).toEqual(numbers);
  });
});

it('tells where in the text a part comes from', () => {
  const { profile, originOf } = convertDockerProfile(
    JSON.stringify({
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrno: 'EPERM',
      archMap: [
        { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
        {
          architecture: 'SCMP_ARCH_X86_64',
          subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
        },
      ],
      syscalls: [
        elsewhere,
        { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
        elsewhere,
        { name: 'open', action: 'SCMP_ACT_ERRNO', errno: 'ENOENT' },
      ],
    }),
    target(),
  );
  expect(profile.syscalls).toHaveLength(2);
  const pairs = {
    defaultAction: 'defaultAction',
    defaultErrnoRet: 'defaultErrno',
    architectures: 'archMap[1]',
    'architectures[0]': 'archMap[1].architecture',
    'architectures[2]': 'archMap[1].subArchitectures[1]',
    'syscalls[0]': 'syscalls[1]',
    'syscalls[0].names[1]': 'syscalls[1].names[1]',
    'syscalls[1].names[0]': 'syscalls[3].name',
    'syscalls[1].errnoRet': 'syscalls[3].errno',
    'syscalls[1].action': 'syscalls[3].action',
    'syscalls[10]': 'syscalls[10]',
  };
  expect(Object.fromEntries(Object.keys(pairs).map((path) => [path, originOf(path)]))).toEqual(
    pairs,
  );
});

describe('what is wrong', () => {
  it.each<[string, object]>([
    ['syscalls[0].action: must be one of', { syscalls: [{ names: ['read'], action: 'ALLOW' }] }],
    [
      'syscalls[0].name: must not be there together with names',
      { syscalls: [{ name: 'a', names: ['b'], action: 'SCMP_ACT_ALLOW' }] },
    ],
    ['syscalls[0].names: must have', { syscalls: [{ action: 'SCMP_ACT_ALLOW' }] }],
    [
      'syscalls[0].includes.minKernel: must be a version',
      { syscalls: [{ names: ['a'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: 'new' } }] },
    ],
    [
      'architectures: must not be there together with archMap',
      { architectures: ['SCMP_ARCH_X86'], archMap: [{ architecture: 'SCMP_ARCH_X86' }] },
    ],
    ['defaultErrnoRet', { defaultErrnoRet: 1.5 }],
    ['defaultErrno: there is no error of the name ENOENT_', { defaultErrno: 'ENOENT_' }],
    [
      'syscalls[0].errno: there is no error of the name toString',
      { syscalls: [{ names: ['a'], action: 'SCMP_ACT_ERRNO', errno: 'toString' }] },
    ],
    // What the specification does not let through is not made.
    ['defaultErrnoRet: must be from 0 to 4094', { defaultErrnoRet: 4095 }],
    ['defaultErrno: must be from 0 to 4094', { defaultErrno: '4095', defaultErrnoRet: 1 }],
    ['listenerMetadata: needs a listenerPath', { listenerMetadata: 'a' }],
    [
      'syscalls[1].errnoRet: SCMP_ACT_KILL returns no error number',
      { syscalls: [elsewhere, { names: ['a'], action: 'SCMP_ACT_KILL', errnoRet: 1 }] },
    ],
    [
      'syscalls[1].errno: SCMP_ACT_KILL returns no error number',
      { syscalls: [elsewhere, { names: ['a'], action: 'SCMP_ACT_KILL', errno: 'EPERM' }] },
    ],
    [
      'syscalls[1].args[0].index: must be from 0 to 5',
      {
        syscalls: [
          elsewhere,
          {
            names: ['a'],
            action: 'SCMP_ACT_KILL',
            args: [{ index: 9, op: 'SCMP_CMP_EQ', value: 0 }],
          },
        ],
      },
    ],
    [
      'syscalls[1].names[1]: must not be empty',
      { syscalls: [elsewhere, { names: ['a', ''], action: 'SCMP_ACT_KILL' }] },
    ],
  ])('%s', (message, profile) => {
    expect(issues(profile).join()).toContain(`profile: ${message}`);
  });

  it('is not JSON', () => {
    expect(() => convertDockerProfile('{', target())).toThrow('profile:');
  });
});
