import type { Stage } from '@oci/kernel';
import { TMPFS_MAGIC } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { keyringStages, labelStages } from '../src/index.ts';
import { bare, configWith, filesystem } from './config.ts';

function lines(stages: readonly Stage[], magic?: number): readonly string[] {
  const kernel = new FakeKernel();
  filesystem(kernel, magic);
  for (const stage of stages) stage.run(kernel);
  expect(kernel.open).toEqual([]);
  return kernel.lines;
}

/** What is written to one attribute, through a descriptor that is checked to be procfs. */
function attribute(name: string, value: string, [proc, file]: readonly [number, number] = [3, 4]) {
  const below = 'resolve=RESOLVE_NO_XDEV|RESOLVE_NO_MAGICLINKS|RESOLVE_BENEATH';
  return [
    'openat2(AT_FDCWD, "/proc", {flags=O_DIRECTORY|O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_SYMLINKS}, 24)',
    `fstatfs(${proc}, statfs)`,
    `openat2(${proc}, "thread-self/attr/${name}", {flags=O_WRONLY|O_CLOEXEC, ${below}}, 24)`,
    `write(${file}, ${JSON.stringify(value)}, ${value.length})`,
    `close(${file})`,
    `close(${proc})`,
  ];
}

describe('labelStages', () => {
  it('changes the AppArmor profile on exec, in AppArmor’s own file', () => {
    const stages = labelStages(configWith({ ...bare, apparmorProfile: 'docker-default' }));
    expect(stages).toMatchObject([{ lane: 'container', category: 'Security' }]);
    expect(lines(stages)).toEqual(attribute('apparmor/exec', 'exec docker-default'));
  });

  it('changes the SELinux label on exec', () => {
    const label = 'system_u:system_r:container_t:s0:c1,c2';
    const stages = labelStages(configWith({ ...bare, selinuxLabel: label }));
    expect(lines(stages)).toEqual(attribute('exec', label));
  });

  it('does both where both are named, and nothing where none is', () => {
    const both = configWith({ ...bare, apparmorProfile: 'a', selinuxLabel: 'b' });
    expect(labelStages(both).map(({ name }) => name)).toEqual([
      'process.apparmorProfile',
      'process.selinuxLabel',
    ]);
    expect(labelStages(configWith({ ...bare, apparmorProfile: '', selinuxLabel: '' }))).toEqual([]);
  });

  it('writes to nothing but procfs', () => {
    const stages = labelStages(configWith({ ...bare, selinuxLabel: 'x' }));
    const kernel = new FakeKernel();
    filesystem(kernel, TMPFS_MAGIC);
    expect(() => stages[0]?.run(kernel)).toThrow(
      'process.selinuxLabel: change to x on exec: /proc is not a proc filesystem',
    );
    expect(kernel.lines.filter((line) => line.startsWith('write'))).toEqual([]);
  });

  it('names the label that the kernel does not take', () => {
    const kernel = new FakeKernel();
    filesystem(kernel);
    kernel.fail('write', 'ENOENT');
    const [stage] = labelStages(configWith({ ...bare, apparmorProfile: 'none' }));
    expect(() => stage?.run(kernel)).toThrow(
      'process.apparmorProfile: change to none on exec: write: no such file or directory',
    );
  });
});

describe('keyringStages, with an SELinux label', () => {
  it('labels the keyring and nothing after it', () => {
    const config = configWith({ ...bare, selinuxLabel: 'x' });
    const made = lines(keyringStages(config, { newKeyring: true, containerId: 'c1' }));
    expect(made).toEqual([
      ...attribute('keycreate', 'x'),
      'keyctl(1, "_ses.c1")',
      'keyctl(5, 0, 1058734080)',
      ...attribute('keycreate', '\n', [5, 6]),
    ]);
  });
});
