import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModuleKind, ScriptTarget, transpile } from 'typescript';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

it('the example in README.md works', { timeout: 60_000 }, () => {
  const readme = readFileSync(`${root}/README.md`, 'utf8');
  const temporary = mkdtempSync(join(tmpdir(), 'oci-sync-'));
  const code = /^```ts\n(.*?)^```$/ms.exec(readme)?.[1] ?? '';
  const example = transpile(code.replace('/tmp/', `${temporary}/`), {
    module: ModuleKind.ESNext,
    target: ScriptTarget.ES2023,
  });
  const options = ['--conditions=@oci/source', '--import', 'tsx', '--input-type=module'];
  const { stdout, stderr } = spawnSync(process.execPath, [...options, '-e', example], {
    cwd: root,
    encoding: 'utf8',
    timeout: 20_000,
  });
  const [state = ''] = readdirSync(temporary);
  const isFifo = statSync(join(temporary, state, 'exec.fifo')).isFIFO();
  rmSync(temporary, { recursive: true });
  expect(stderr).toBe('');
  expect(isFifo).toBe(true);
  expect(stdout).toBe(`the container lane is ready
Error: the container process ended before it was set up
container would now wait for start
openat(AT_FDCWD, "\${pid-file}", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0644)
write(3, "4711", 4)
close(3)
`);
});
