import { FakeKernel } from '@oci/kernel/fake';
import { defaultConfig } from '@oci/spec';
import { bench, describe } from 'vitest';
import { cgroupStages, checkCgroups } from '../src/index.ts';
import { legacy, unified } from '../test/support/layouts.ts';

describe.each([
  ['version 1', legacy],
  ['version 2', unified],
])('the stages of cgroups on %s', (_, layout) => {
  const config = defaultConfig();
  const context = { layout, containerId: 'box', rootless: false };

  bench('checked, made and run for the default config', () => {
    checkCgroups(config, context);
    const { make, close, join } = cgroupStages(config, context);
    const kernel = new FakeKernel();
    for (const stage of [...make, ...close, ...join]) stage.run(kernel);
  });
});
