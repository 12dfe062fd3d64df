import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  documented,
  examples,
  makeBundle,
  printing,
  promises,
  runExample,
} from './support/readme.ts';

let temporary = '';
beforeAll(() => {
  temporary = mkdtempSync('/tmp/ocirun-readmes-');
});
afterAll(() => rmSync(temporary, { recursive: true }));

/** With names of its own for what an example makes. */
function own(code: string): string {
  return code
    .replaceAll("'/tmp/", `'${temporary}/`)
    .replaceAll('/example', `/readme-${process.pid}`);
}

describe.each(documented)('the README of %s', (folder) => {
  it('has an example', () => {
    expect(examples(folder).length).toBeGreaterThan(0);
  });

  it.each(examples(folder).map((code, index) => [index + 1, code] as const))(
    'prints what example %d says',
    async (_, written) => {
      const bundle = `${temporary}/bundle`;
      if (folder === 'apps/runtime') makeBundle(folder, bundle);
      const code = own(written).replace(
        `'${bundle}')`,
        `'${bundle}', { root: '${bundle}/state' })`,
      );
      const promised = promises(code);
      expect(promised.length).toBeGreaterThan(0);
      const { stdout, status } = await runExample(folder, code);
      // Its containers print when they get to it, and both do.
      if (folder === 'apps/runtime')
        expect(stdout.split('\n')).toEqual(expect.arrayContaining(promised));
      else expect(stdout.replace(/\n+/g, '\n')).toMatch(printing(promised));
      expect(status).toBe(0);
      // What the host lends is given back.
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(temporary);
    },
  );
});
