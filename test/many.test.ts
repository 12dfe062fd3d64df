import { readdirSync } from 'node:fs';
import { compile, type Launcher } from '@oci/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestBundle } from './support/bundle.ts';
import { type Leftovers, leftovers, nothingMoreThan } from './support/leftovers.ts';
import { newId, run } from './support/ocirun.ts';

const quiet = { stdio: ['ignore', 'ignore', 'inherit'] } as const;

let bundle: TestBundle;
let before: Leftovers;
let launcher: Launcher;

beforeEach(() => {
  bundle = new TestBundle();
  before = leftovers();
});

afterEach(async () => {
  launcher.close();
  bundle.remove();
  expect(await nothingMoreThan(before)).toEqual(before);
});

function openDescriptors(): string[] {
  return readdirSync('/proc/self/fd');
}

describe('the library', () => {
  it('starts a thousand containers one after the other, and leaves nothing', async () => {
    launcher = compile(bundle.path);
    await launcher.start(newId(), quiet).exited;
    const open = openDescriptors().length;
    for (let count = 0; count < 1000; count++)
      expect(await launcher.start(newId(), quiet).exited).toEqual({ code: 0 });
    expect(openDescriptors().length).toBeLessThanOrEqual(open);
  }, 120_000);

  it('starts fifty at once', async () => {
    launcher = compile(bundle.script('exit 5').path);
    const containers = Array.from({ length: 50 }, () => launcher.start(newId(), quiet));
    const statuses = await Promise.all(containers.map(({ exited }) => exited));
    expect(statuses).toEqual(Array.from({ length: 50 }, () => ({ code: 5 })));
  });

  it('gives pipes, and takes signals', async () => {
    bundle.script('trap "exit 9" TERM; read line; echo "got $line"; while :; do sleep 0.05; done');
    launcher = compile(bundle.path);
    const container = launcher.start(newId(), { stdio: ['pipe', 'pipe', 'inherit'] });
    container.stdin?.write('hello\n');
    const answer = await new Promise((resolve) => container.stdout?.once('data', resolve));
    expect(String(answer)).toBe('got hello\n');
    container.kill('SIGTERM');
    expect(await container.exited).toEqual({ code: 9 });
    expect(() => container.kill()).toThrow('has ended');
  });

  it('gives streams that cross', async () => {
    launcher = compile(bundle.script('echo out; echo err >&2').path);
    const start = `
      import { compile } from '@oci/runtime';
      const launcher = compile('${bundle.path}');
      await launcher.start('${newId()}', { stdio: ['ignore', 2, 1] }).exited;
      launcher.close();`;
    const outcome = await run(process.execPath, ['--input-type=module', '-e', start]);
    expect(outcome).toMatchObject({ status: 0, stdout: 'err\n', stderr: 'out\n' });
  });

  it.each([
    ['cgroupfs', true],
    ['disabled', false],
  ] as const)('makes cgroups as it is told: %s', async (cgroupManager, made) => {
    bundle.script('cat /proc/self/cgroup');
    bundle.with(({ linux }) => {
      linux.namespaces = [{ type: 'pid' }, { type: 'mount' }, { type: 'uts' }];
    });
    launcher = compile(bundle.path, { cgroupManager });
    const id = newId();
    const container = launcher.start(id, { stdio: ['ignore', 'pipe', 'inherit'] });
    const shown = await container.stdout?.toArray();
    expect(String(shown).includes(`/${id}\n`)).toBe(made);
    expect(await container.exited).toEqual({ code: 0 });
  });

  it('kills at once', async () => {
    bundle.script('echo up; exec sleep 1000');
    launcher = compile(bundle.path);
    const container = launcher.start(newId(), { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => container.stdout?.once('data', resolve));
    container.kill('SIGKILL');
    expect(await container.exited).toEqual({ code: 137 });
  });

  it('rejects with the reason when a container cannot be started', async () => {
    bundle.with(({ process }) => {
      process.args = ['none'];
    });
    launcher = compile(bundle.path);
    const container = launcher.start(newId(), { stdio: ['ignore', 'ignore', 'ignore'] });
    await expect(container.exited).rejects.toThrow(
      'exec: "none": executable file not found in $PATH',
    );
  });
});
