import { type AnyProvision, S_IFCHR } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import {
  deviceStages,
  type MountsConfig,
  MountsProvisions,
  maskStages,
  mountStages,
  pivotStages,
  rootfsStages,
} from '../src/index.ts';
import { context, namespaces, runAll, runcConfig, statx } from './support.ts';

describe('a whole start', () => {
  it('makes few calls for a config that names nothing', () => {
    const k = runAll({ root: { path: 'rootfs' } });
    const devices = 15;
    expect(k.lines.filter((line) => !/^(mknod|symlink|faccess)/.test(line))).toHaveLength(
      k.lines.length - devices + 2,
    );
    expect(k.lines.filter((line) => /fsopen|open_tree|mount_setattr/.test(line))).toHaveLength(2);
  });

  it('makes no more calls for runc’s default config than it did', () => {
    const k = new FakeKernel();
    statx(k, S_IFCHR, 1, 3);
    runAll(runcConfig(), k);
    expect(k.lines).toHaveLength(178);
  });

  it('leaves only the rootfs open', () => {
    const k = new FakeKernel();
    statx(k, S_IFCHR, 1, 3);
    const config = runcConfig();
    const [, dev] = config.mounts ?? [];
    dev?.options?.push('ro');
    expect(runAll(config, k).open).toEqual([4]);
  });

  it('opens everything close-on-exec', () => {
    const k = new FakeKernel();
    statx(k, S_IFCHR, 1, 3);
    runAll(runcConfig(), k);
    const opening = k.lines.filter((line) => /^(open|fsopen|fsmount)/.test(line));
    expect(opening.length).toBeGreaterThan(40);
    expect(opening.filter((line) => !line.includes('CLOEXEC'))).toEqual([]);
  });
});

describe('the stages', () => {
  const all = [rootfsStages, mountStages, deviceStages, pivotStages, maskStages];
  const bound = { destination: '/dev', source: '/dev', options: ['rbind'] };

  it.each([
    ['runc’s default config', runcConfig()],
    ['a config that names nothing', { root: { path: 'rootfs' } }],
    ['a /dev of the host', { root: { path: 'rootfs' }, mounts: [bound] }],
    ['read-only paths alone', { root: { path: 'r' }, linux: { readonlyPaths: ['/a'] } }],
    ['masked paths alone', { root: { path: 'r' }, linux: { maskedPaths: ['/a'] } }],
  ])(
    'need only what one before provides, and provide what they say: %s',
    (_, config: MountsConfig) => {
      const provisions = new MountsProvisions();
      const k = new FakeKernel();
      statx(k, S_IFCHR, 1, 3);
      const provided = new Set<AnyProvision>();
      const whole = { ...config, linux: { namespaces, ...config.linux } };
      for (const stage of all.flatMap((stages) => stages(whole, context, provisions))) {
        for (const need of stage.needs ?? [])
          expect([stage.name, provided.has(need)]).toEqual([stage.name, true]);
        stage.run(k);
        for (const provision of stage.provides ?? []) provided.add(provision);
      }
      const { rootfs, mounts, devices, pivoted, detached, masked } = provisions;
      for (const provision of [rootfs, mounts, devices, pivoted, detached, masked])
        expect(provided).toContain(provision);
      // It throws when nothing was provided.
      for (const provision of [mounts, devices, pivoted, detached, masked])
        expect(provision.value).toBeUndefined();
    },
  );
});
