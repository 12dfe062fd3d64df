import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

it('the example in README.md works', { timeout: 60_000 }, () => {
  const readme = readFileSync(`${root}/README.md`, 'utf8');
  const example = /^```ts\n(.*?)^```$/ms.exec(readme)?.[1] ?? '';
  const options = ['--conditions=@oci/source', '--import', 'tsx', '--input-type=module'];
  const { stdout, stderr } = spawnSync(process.execPath, [...options, '-e', example], {
    cwd: root,
    encoding: 'utf8',
    timeout: 20_000,
    env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: undefined },
  });
  const said = example.matchAll(/^\/\/ (.*)$/gm);
  const comments = [...said].map(([, line]) => line ?? '');
  // The example says in comments what is printed.
  const printed = (from: string, to: string) =>
    comments.slice(comments.indexOf(from), comments.indexOf(to) + 1).join('\n');
  const plan = printed('host', '    chdir("/no/such")');
  const failure = comments.at(-1) ?? '';
  expect(stderr).toBe(`${failure}\n`);
  expect(failure).toMatch(/^greet: look around: chdir: /);
  expect(stdout).toContain(`${plan}\n`);
  expect(stdout.replace(/process \d+/, 'process 4711')).toMatch(
    /hello world, from process 4711\ngoodbye\n1\n$/,
  );
});
