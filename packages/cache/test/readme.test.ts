import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModuleKind, ScriptTarget, transpile } from 'typescript';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

it('the example in README.md works', { timeout: 60_000 }, () => {
  const temporary = mkdtempSync(join(tmpdir(), 'oci-cache-'));
  const code = /^```ts\n(.*?)^```$/ms.exec(readFileSync(`${root}/README.md`, 'utf8'))?.[1] ?? '';
  const example = transpile(code.replace('/tmp/', `${temporary}/`), {
    module: ModuleKind.ESNext,
    target: ScriptTarget.ES2023,
  });
  const options = ['--conditions=@oci/source', '--import', 'tsx', '--input-type=module'];
  const { stdout, stderr } = spawnSync(process.execPath, [...options, '-e', example], {
    cwd: root,
    encoding: 'utf8',
    timeout: 20_000,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  rmSync(temporary, { recursive: true });
  expect(stderr).toBe('');
  const printed = [...code.matchAll(/\/\/ (.*)$/gm)].map(([, comment]) => `${comment}\n`);
  expect(stdout).toBe(printed.join(''));
});
