import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ModuleKind, ScriptTarget, transpile } from 'typescript';
import { expect, it } from 'vitest';
import { Cgroup } from '../src/live/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(`${root}/README.md`, 'utf8');
const [live = '', stages = '', devices = ''] = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(
  ([, code = '']) => code,
);

function run(code: string) {
  const example = transpile(code, { module: ModuleKind.ESNext, target: ScriptTarget.ES2023 });
  const options = ['--conditions=@oci/source', '--import', 'tsx', '--input-type=module'];
  return spawnSync(process.execPath, [...options, '-e', example], {
    cwd: root,
    encoding: 'utf8',
    timeout: 40_000,
    env: { ...process.env, FORCE_COLOR: '0' },
  });
}

/** What the comments of an example say that it prints. */
function promised(code: string): string {
  return code
    .split('\n')
    .flatMap(
      (line) =>
        /^\s*\/\/ (.*)$/.exec(line)?.[1] ?? /console\.log.*; \/\/ (.*)$/.exec(line)?.[1] ?? [],
    )
    .join('\n');
}

it.runIf(process.getuid?.() === 0)('the first example in README.md works', () => {
  const name = `/readme-${process.pid}`;
  const { stdout, stderr } = run(live.replaceAll('/example', name));
  expect(stderr).toBe('');
  expect(stdout.trim()).toBe(promised(live));
  expect(Cgroup.at(name).exists()).toBe(false);
});

it('the second example in README.md works', () => {
  const { stdout, stderr } = run(stages);
  expect(stderr).toBe('');
  expect(stdout.trim()).toBe(promised(stages));
});

it('the third example in README.md works', () => {
  const { stdout, stderr } = run(devices);
  expect(stderr).toBe('');
  expect(stdout.trim()).toBe(promised(devices));
});
