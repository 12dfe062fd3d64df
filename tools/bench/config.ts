import { type Config, defaultConfig, type Mount, type Seccomp } from '@oci/spec';

/**
 * `runc spec`'s default config for one program, without what the figures leave out: a terminal,
 * `linux.resources` and the cgroup mount. Every contender is given the same one.
 */
export function benchConfig(
  rootfs: string,
  program: string,
  mounts: readonly Mount[],
  seccomp?: Seccomp,
): Config {
  const config = defaultConfig();
  const { resources: _, ...linux } = config.linux ?? {};
  return {
    ...config,
    // What all contenders know.
    ociVersion: '1.0.2',
    process: { cwd: '/', ...config.process, terminal: false, args: [program] },
    root: { path: rootfs, readonly: true },
    mounts: [...(config.mounts ?? []).filter(({ type }) => type !== 'cgroup'), ...mounts],
    linux: { ...linux, ...(seccomp && { seccomp }) },
  };
}
