import { readFileSync } from 'node:fs';
import { arch } from 'node:os';
import { detectLayout, type Layout } from '@oci/cgroups/layout';
import type { Architecture } from '@oci/kernel';
import { isMapped } from './store/root.ts';
import type { Systemd } from './systemd.ts';

/** What is read of the host when a launcher is compiled. A launcher is valid while this holds. */
export interface Host {
  readonly architecture: Architecture;
  readonly euid: number;
  readonly egid: number;
  /** This process has no privileges, so a container needs a user namespace. */
  readonly rootless: boolean;
  /** This process's permitted capabilities: bit n is capability n. */
  readonly permitted: bigint;
  /** The last capability that the kernel knows. */
  readonly lastCapability: number;
  /** Whether setgroups(2) is allowed in this user namespace. */
  readonly setgroups: boolean;
  /** Where an ordinary user's programs are found: $PATH. Root needs none. */
  readonly path: string;
  /** Whether cgroups are made as by an ordinary user: root of a user namespace may make few, too. */
  readonly rootlessCgroups: boolean;
  /** How its cgroups are laid out. */
  readonly cgroupLayout: Layout;
  /** Looked up only where it is to make cgroups. */
  readonly systemd?: Systemd;
}

/** Whether cgroup permission errors are ignored: `auto` does so for those who may have some. */
export type Rootless = 'auto' | 'true' | 'false';

/** @throws Error on an architecture without a back end */
export function readHost(systemd?: Systemd, asked: Rootless = 'auto'): Host {
  const status = readFileSync('/proc/self/status', 'utf8');
  const permitted = /^CapPrm:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  const euid = process.geteuid?.() ?? 0;
  const rootless = euid !== 0;
  const rootlessCgroups = ignoresCgroupErrors(
    asked,
    rootless || isMapped(readFileSync('/proc/self/uid_map', 'utf8')),
  );
  return {
    architecture: architecture(),
    euid,
    egid: process.getegid?.() ?? 0,
    rootless,
    permitted: BigInt(`0x${permitted}`),
    lastCapability: Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8')),
    setgroups: readFileSync('/proc/self/setgroups', 'utf8').trim() === 'allow',
    path: rootless ? (process.env.PATH ?? '') : '',
    rootlessCgroups,
    cgroupLayout: detectLayout({ rootless: rootlessCgroups }),
    ...(systemd && { systemd }),
  };
}

/** Root's device rules must not be left out, so that root cannot say it is not. */
export function ignoresCgroupErrors(asked: Rootless, unprivileged: boolean): boolean {
  if (asked === 'true' && !unprivileged)
    throw new Error('--rootless true: root is allowed cgroups, so there is nothing to ignore');
  return asked === 'auto' ? unprivileged : asked === 'true';
}

function architecture(): Architecture {
  switch (arch()) {
    case 'x64':
      return 'x86_64';
    case 'arm64':
      return 'aarch64';
    default:
      throw new Error(`there is no back end for ${arch()}: only x86-64 and arm64`);
  }
}
