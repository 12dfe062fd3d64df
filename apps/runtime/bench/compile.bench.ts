import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultConfig } from '@oci/spec';
import { afterAll, bench, describe } from 'vitest';
import { type CompileOptions, compileBundle } from '../src/compile.ts';
import { readSources } from '../src/sources.ts';
import { runnable } from '../test/config.ts';

const bundle = mkdtempSync(join(tmpdir(), 'ocirun-bench-'));
writeFileSync(join(bundle, 'config.json'), JSON.stringify(runnable(defaultConfig())));
afterAll(() => rmSync(bundle, { recursive: true }));

const options: CompileOptions = {
  bundle,
  mode: 'run',
  detach: false,
  keep: false,
  noPivot: false,
  newKeyring: true,
  preserveFds: 0,
  subreaper: true,
  sequential: false,
  logFormat: 'text',
  cgroupManager: 'cgroupfs',
};

// What a long-lived process pays for a bundle that it has not seen; the cold command pays far more.
describe("runc's default config, warm", () => {
  const sources = readSources(bundle);

  bench('compiled to a launcher', () => {
    compileBundle(options);
  });

  bench('compiled, its sources read before', () => {
    compileBundle(options, sources);
  });

  bench('its sources read', () => {
    readSources(bundle);
  });
});
