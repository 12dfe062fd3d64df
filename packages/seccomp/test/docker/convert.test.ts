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

/** What becomes of one rule. */
function kept(rule: object, change: Partial<DockerTarget> = {}): boolean {
  const syscalls = [{ names: ['read'], action: 'SCMP_ACT_ALLOW', ...rule }];
  const text = JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls });
  return convertDockerProfile(text, target(change)).syscalls?.length === 1;
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
      convertDockerProfile(real, target({ architecture })).architectures;
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
      convertDockerProfile(real, target(change)).syscalls ?? [];
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
    expect(convertDockerProfile(real, target())).toMatchObject({
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
    expect(convertDockerProfile(text, target()).syscalls).toEqual([
      { names: ['read'], action: 'SCMP_ACT_ALLOW' },
    ]);
  });
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
  ])('%s', (message, profile) => {
    expect(issues(profile).join()).toContain(`profile: ${message}`);
  });

  it('is not JSON', () => {
    expect(() => convertDockerProfile('{', target())).toThrow('profile:');
  });
});
