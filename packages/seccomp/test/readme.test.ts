import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

it('the example in README.md works', { timeout: 60_000 }, () => {
  const readme = readFileSync(`${root}/README.md`, 'utf8');
  const example = /^```ts\n(.*?)^```$/ms.exec(readme)?.[1] ?? '';
  const options = ['--conditions=@oci/source', '--import', 'tsx', '--input-type=module'];
  const { outputText } = ts.transpileModule(example, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  const { stdout, stderr } = spawnSync(process.execPath, [...options, '-e', outputText], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  expect(stderr).toBe('');
  const printed = stdout.split('\n');
  const promised = [...example.matchAll(/\/\/ (.+)$/gm)].map(([, text]) => text);
  for (const [i, line] of promised.slice(0, -1).entries()) expect(printed[i]?.trim()).toBe(line);
});
