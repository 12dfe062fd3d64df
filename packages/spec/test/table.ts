import { describe, expect, it } from 'vitest';
import { checkConfig } from '../src/index.ts';
import { configWith, findings } from './support.ts';

type Case = [what: string, changes: Parameters<typeof configWith>[0], expected: string[]];

/** One test for each change to the default config, with all that is to be found wrong then. */
export function table(name: string, cases: Case[]): void {
  describe(name, () => {
    it.each(cases)('%s', (_, changes, expected) => {
      expect(findings(() => checkConfig(configWith(changes)))).toEqual(expected);
    });
  });
}
