import { readFileSync } from 'node:fs';
import { bench, describe } from 'vitest';
import { defaultConfig, parseConfig } from '../src/index.ts';

const engine = readFileSync(new URL('../test/examples/docker-like.json', import.meta.url), 'utf8');

describe('parseConfig', () => {
  const small = JSON.stringify(defaultConfig(), null, '\t');
  const wide = engine.replace('536870912', '9223372036854771712');
  bench('the default config', () => void parseConfig(small));
  bench("an engine's config: 40 mounts, Docker's seccomp profile", () => void parseConfig(engine));
  bench('the same with a 64-bit limit', () => void parseConfig(wide));
  bench('JSON.parse alone, for comparison', () => void JSON.parse(engine));
});
