import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

it.runIf(process.getuid?.() === 0)('the example in README.md works', { timeout: 60_000 }, () => {
  const readme = readFileSync(`${root}/README.md`, 'utf8');
  const fenced = (language: string) =>
    new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(readme)?.[1] ?? '';
  const bundle = mkdtempSync(join(tmpdir(), 'ocirun-readme-'));
  mkdirSync(`${bundle}/rootfs`);
  writeFileSync(`${bundle}/config.json`, fenced('json'));
  const example = fenced('ts')
    .replace("compile('/tmp/bundle')", `compile('${bundle}', { root: '${bundle}/state' })`)
    .replaceAll('/tmp/bundle', bundle);
  const options = ['--conditions=@oci/source', '--import', 'tsx', '--input-type=module'];
  const { stdout, stderr } = spawnSync(process.execPath, [...options, '-e', example], {
    cwd: root,
    encoding: 'utf8',
    timeout: 20_000,
    env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: undefined },
  });
  // The host's own directories were mounted below it: they must not be there any more.
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(bundle);
  rmSync(bundle, { recursive: true });
  expect(stderr).toBe('');
  expect(stdout.split('\n').sort()).toEqual([
    '',
    'Error: JSON specification file /no/such/bundle/config.json not found',
    '[]',
    'one: process 1 says hello',
    'two: process 1 says hello',
    '{ code: 7 }',
    '{ code: 7 }',
  ]);
});
