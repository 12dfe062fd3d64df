import type { Config } from '@oci/spec';
import type { Host } from '../src/host.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test may write anything into a config.
export type LooseConfig = Record<string, any>;

/** The default config, without what is not supported yet. */
export function runnable(config: Config): LooseConfig {
  const loose: LooseConfig = structuredClone(config);
  loose.process.terminal = false;
  loose.mounts = loose.mounts.filter(({ type }: { type: string }) => type !== 'cgroup');
  delete loose.linux.resources;
  return loose;
}

/** A host on which root starts containers. */
export function host(changes: Partial<Host> = {}): Host {
  return {
    architecture: 'x86_64',
    euid: 0,
    egid: 0,
    rootless: false,
    permitted: (1n << 41n) - 1n,
    lastCapability: 40,
    setgroups: true,
    path: '/bin',
    rootlessCgroups: changes.rootless ?? false,
    cgroupLayout: { kind: 'legacy', hierarchies: [] },
    ...changes,
  };
}
