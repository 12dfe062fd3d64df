import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

it.runIf(process.getuid?.() === 0)('the example in README.md works', { timeout: 60_000 }, () => {
  const readme = readFileSync(`${root}/README.md`, 'utf8');
  const temporary = mkdtempSync('/tmp/oci-mounts-');
  const example = /^```ts\n(.*?)^```$/ms.exec(readme)?.[1]?.replace('/tmp/', `${temporary}/`);
  const options = ['--conditions=@oci/source', '--import', 'tsx', '--input-type=module'];
  const { stdout, stderr } = spawnSync(process.execPath, [...options, '-e', example ?? ''], {
    cwd: root,
    encoding: 'utf8',
  });
  const bundles = readdirSync(temporary);
  rmSync(temporary, { recursive: true });
  expect(stderr).toBe('');
  expect(bundles).toHaveLength(1);
  expect(stdout).toMatch(/\/scratch rw,nosuid,relatime - tmpfs tmpfs rw,size=1024k$/m);
  expect(stdout).toMatch(/\/scratch\/etc ro,/);
});
