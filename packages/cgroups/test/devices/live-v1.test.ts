import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDeviceList, deviceChanges, deviceRules } from '../../src/devices/index.ts';
import { experimental, GuineaPig, trials } from './guinea-pig.ts';
import { asConfigured, configWith, randomRules, reference, seeded } from './support.ts';

const root = '/sys/fs/cgroup/devices';
const possible = process.getuid?.() === 0 && existsSync(join(root, 'devices.list'));

describe.runIf(possible)('devices of version 1, asked of the kernel', () => {
  const cgroup = join(root, `oci-devices-test-${process.pid}`);
  let pig: GuineaPig;

  beforeAll(async () => {
    mkdirSync(cgroup);
    pig = await GuineaPig.into(cgroup);
  });

  afterAll(async () => {
    await pig.end();
    rmdirSync(cgroup);
  });

  function apply(config: ReturnType<typeof configWith>): void {
    const list = readFileSync(join(cgroup, 'devices.list'), 'utf8');
    for (const { file, value } of deviceChanges(config, list))
      writeFileSync(join(cgroup, file), value);
  }

  it('are listed as runc lists them', () => {
    apply(configWith([{ allow: false, access: 'rwm' }]));
    const lines = readFileSync(join(cgroup, 'devices.list'), 'utf8').trim().split('\n');
    expect(lines).toEqual([
      'c *:* m',
      'b *:* m',
      'c 1:3 rwm',
      'c 1:5 rwm',
      'c 1:7 rwm',
      'c 1:8 rwm',
      'c 1:9 rwm',
      'c 5:0 rwm',
      'c 5:2 rwm',
      'c 136:* rwm',
    ]);
  });

  it('are as the rules say, for random rules', async () => {
    const random = seeded(4);
    const seen = { true: 0, false: 0 };
    for (let round = 0; round < 40; round++) {
      const rules = experimental(randomRules(random, 1 + Math.floor(random() * 6)));
      const config = configWith(rules.map(asConfigured));
      if (checkDeviceList(config).length > 0) continue;
      apply(config);
      for (const trial of trials) {
        const allowed = reference(deviceRules(config) ?? [], trial);
        const found = await pig.permitted(trial.way, trial);
        if (found !== allowed) expect.fail(`${JSON.stringify(trial)} ${JSON.stringify(rules)}`);
        seen[`${found}`]++;
      }
    }
    expect(Math.min(seen.true, seen.false)).toBeGreaterThan(50);
  });
});
