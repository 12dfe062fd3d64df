import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellQuoted, testScript } from '../job.ts';

test('runs vitest with the given filters as single words', () => {
  const script = testScript(['cgroups', '-t', "the container's own"]);
  expect(script).toMatch(/^cd test && exec \.\.\/node_modules\/\.bin\/vitest run /);
  expect(script).toMatch(/ cgroups -t 'the container'\\''s own'$/);
});

test.each(['a b', "it's", '$HOME', '', '*', '`id`', 'a\nb'])('quotes %j', (word) => {
  expect(String(execFileSync('sh', ['-c', `printf %s ${shellQuoted(word)}`]))).toBe(word);
});
