import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '@oci/spec';

/** Which of the Linux security modules that label processes are in use on this host. */
export interface SecurityModules {
  readonly apparmor: boolean;
  readonly selinux: boolean;
}

/**
 * Finds out what {@link checkProcess} has to know of a config's labels. It is a fact of the host:
 * a launcher that was compiled with it is valid while it holds. Of a module that no label is for,
 * nothing is read, and it counts as absent.
 *
 * @param sysfs where sysfs is mounted
 */
export function readSecurityModules({ process, linux }: Config, sysfs = '/sys'): SecurityModules {
  return {
    apparmor: Boolean(process?.apparmorProfile) && hasAppArmor(sysfs),
    selinux: Boolean(process?.selinuxLabel || linux?.mountLabel) && hasSelinux(sysfs),
  };
}

/** AppArmor's module parameter: `Y` or `N`; without AppArmor in the kernel no such file. */
function hasAppArmor(sysfs: string): boolean {
  const file = join(sysfs, 'module/apparmor/parameters/enabled');
  return existsSync(file) && readFileSync(file, 'latin1').startsWith('Y');
}

/** selinuxfs is mounted only where SELinux is in use, as is_selinux_enabled(3) has it. */
function hasSelinux(sysfs: string): boolean {
  return existsSync(join(sysfs, 'fs/selinux/enforce'));
}
