import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(`${root}/README.md`, 'utf8');
const examples = [...readme.matchAll(/^## ([^\n]*)\n(?:(?!^## ).)*?(?=^## )/gms)].flatMap(
  ([section, title = '']) =>
    [...section.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => ({ title, code })),
);

/** What comments say that an example prints: readme.test.ts has the first one. */
it.each(examples)(
  'the example under $title in README.md works',
  { timeout: 60_000 },
  ({ code }) => {
    const options = ['--conditions=@oci/source', '--import', 'tsx', '--input-type=module'];
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    });
    const { stdout, stderr } = spawnSync(process.execPath, [...options, '-e', outputText], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, FORCE_COLOR: '0' },
    });
    expect(stderr).toBe('');
    const promised = [...code.matchAll(/console\.log.*; \/\/ (.+)$/gm)].map(([, text]) => text);
    expect(promised.length).toBeGreaterThan(0);
    expect(stdout.trim().split('\n')).toEqual(promised);
  },
);

it('README.md has examples for all ways to use it', () => {
  expect(examples.map(({ title }) => title)).toEqual([
    "Docker's profiles",
    'Loading',
    'Loading',
    'Finding a filter again',
  ]);
});
