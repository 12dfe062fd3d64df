import { S_IFREG } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { defaultConfig, requireRunnable } from '@oci/spec';
import { bench, describe } from 'vitest';
import { checkProcess, processStages } from '../src/index.ts';
import { contextWith, files } from '../test/config.ts';

describe('the stages of the process', () => {
  const config = requireRunnable(defaultConfig());
  const context = contextWith();

  bench('checked and made for the default config', () => {
    checkProcess(config, context);
    processStages(config, context);
  });

  bench('made and run', () => {
    const { container, exec } = processStages(config, context);
    const kernel = new FakeKernel();
    files(kernel, { '/bin/sh': S_IFREG | 0o755 });
    kernel.fail('openat2', 'ENOENT', { when: /passwd/ });
    for (const stage of [...container, exec]) stage.run(kernel);
  });
});
