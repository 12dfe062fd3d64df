import { type Pid, Provision } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { defaultConfig } from '@oci/spec';
import { bench, describe } from 'vitest';
import {
  checkNamespaces,
  cloneFlags,
  hostnameStages,
  joinStages,
  sysctlStages,
  userMapStages,
} from '../src/index.ts';

describe('the stages of namespaces', () => {
  const config = defaultConfig();
  const context = { rootless: false, setgroups: true, euid: 0, egid: 0 };
  const pid = new Provision<Pid>('container pid');

  bench('checked, made and run for the default config', () => {
    checkNamespaces(config, context);
    cloneFlags(config);
    const stages = [
      ...joinStages(config),
      ...userMapStages(config, context, pid),
      ...sysctlStages(config),
      ...hostnameStages(config),
    ];
    const kernel = new FakeKernel();
    for (const stage of stages) stage.run(kernel);
  });
});
