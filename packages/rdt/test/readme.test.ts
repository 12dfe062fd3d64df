import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

it('the example in README.md works', { timeout: 60_000 }, () => {
  const readme = readFileSync(`${root}/README.md`, 'utf8');
  const temporary = mkdtempSync(join(tmpdir(), 'oci-rdt-'));
  const code = /^```ts\n(.*?)^```$/ms.exec(readme)?.[1] ?? '';
  const promised = [...code.matchAll(/^\/\/ ([ {}].*|\{)$/gm)].map(([, line]) => line);
  const options = ['--conditions=@oci/source', '--import', 'tsx', '--input-type=module'];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...options, '-e', code.replace('/tmp/', `${temporary}/`)],
    { cwd: root, encoding: 'utf8', env: { ...process.env, FORCE_COLOR: '0' } },
  );
  const [tree = ''] = readdirSync(temporary);
  const classes = readdirSync(join(temporary, tree));
  rmSync(temporary, { recursive: true });
  expect(stderr).toBe('');
  expect(promised).toHaveLength(6);
  expect(stdout.trim().split('\n')).toEqual(promised);
  expect(classes).toContain('gold');
});
