import type { Stage } from '@oci/kernel';
import { type FakeCall, FakeKernel, FakeMemory } from '@oci/kernel/fake';
import { defaultConfig, type Mount } from '@oci/spec';
import {
  deviceStages,
  type MountsConfig,
  type MountsContext,
  MountsProvisions,
  maskStages,
  mountStages,
  pivotStages,
  rootfsStages,
} from '../src/index.ts';

export const context: MountsContext = { bundle: '/bundle', noPivot: false };
export const root = { path: 'rootfs' };
export const namespaces = [{ type: 'mount' as const }];

/** The rootfs descriptor that stages get when no stage made one. */
export const ROOTFS = 900;

export type Stages = (
  config: MountsConfig,
  context: MountsContext,
  provisions: MountsProvisions,
) => Stage[];

/** Runs one package function's stages as if those before had run. */
export function run(
  stages: Stages,
  config: Partial<MountsConfig>,
  k = new FakeKernel(),
  provisions = new MountsProvisions(),
  options: Partial<MountsContext> = {},
): FakeKernel {
  if (stages !== rootfsStages) provisions.rootfs.provide(ROOTFS);
  const whole = { root, ...config, linux: { namespaces, ...config.linux } };
  for (const stage of stages(whole, { ...context, ...options }, provisions)) stage.run(k);
  return k;
}

/** The calls for one entry of `mounts`. */
export function mount(entry: Mount, k = new FakeKernel(), before: readonly Mount[] = []): string[] {
  const lines = run(mountStages, { mounts: [...before, entry] }, k).calls;
  return lines
    .filter(({ doing }) => doing[0]?.startsWith(`mounts[${before.length}]`))
    .map(({ line }) => line);
}

/** Lets statx(2) find something of this mode, and of this device number. */
export function statx(k: FakeKernel, mode: number, major = 0, minor = 0, when = /./): void {
  const fill = ({ args }: FakeCall) => {
    const memory = args[4];
    if (!(memory instanceof FakeMemory)) throw new Error('statx without memory');
    memory.store(28, 2, mode);
    memory.store(128, 4, major);
    memory.store(132, 4, minor);
    return 0;
  };
  k.returns('statx', fill, { when });
}

/** Lets fstatfs(2) find a file system of this type. */
export function statfs(k: FakeKernel, magic: number, when = /./): void {
  const fill = ({ args }: FakeCall) => {
    const memory = args[1];
    if (!(memory instanceof FakeMemory)) throw new Error('fstatfs without memory');
    memory.store(0, 8, magic);
    return 0;
  };
  k.returns('fstatfs', fill, { when });
}

/** `runc spec`'s config without its cgroup mount. */
export function runcConfig(): MountsConfig {
  const { mounts = [], linux = {} } = defaultConfig();
  return {
    root: { path: 'rootfs', readonly: true },
    mounts: mounts.filter(({ type }) => type !== 'cgroup'),
    linux,
  };
}

/** Every stage of a config, in the order in which the runtime runs them. */
export function runAll(
  config: MountsConfig,
  k = new FakeKernel(),
  options: Partial<MountsContext> = {},
): FakeKernel {
  const provisions = new MountsProvisions();
  const all = { ...context, ...options };
  const whole = { ...config, linux: { namespaces, ...config.linux } };
  for (const stages of [rootfsStages, mountStages, deviceStages, pivotStages, maskStages])
    for (const stage of stages(whole, all, provisions)) stage.run(k);
  return k;
}
