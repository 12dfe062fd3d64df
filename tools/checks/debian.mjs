import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { CommandFailed, runQuietly } from '../setup/run.mjs';

/**
 * What the tests use of the system: disassemblers for both architectures, an emulator for the other
 * one, a C compiler, something small to run in containers, what can stop a process at any of its
 * system calls, and those whom we work with or are compared with: systemd and its bus, libseccomp, ip,
 * ps, and the tools that map ids.
 */
const packages = [
  'binutils',
  process.arch === 'arm64' ? 'binutils-x86-64-linux-gnu' : 'binutils-aarch64-linux-gnu',
  'busybox-static',
  'dbus-daemon',
  'dbus-user-session',
  'gcc',
  'iproute2',
  'libc6-dev',
  'libseccomp2',
  'procps',
  'qemu-user-static',
  'strace',
  'systemd',
  'uidmap',
];

/** Installs the Debian packages that are missing, or, not being root, says how to. */
export async function installDebianPackages() {
  if (!existsSync('/usr/bin/dpkg-query')) {
    console.log(`Not a Debian: the tests need what its packages ${packages.join(', ')} hold.`);
    return;
  }
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const install = ['apt-get', 'install', '--yes', '--no-install-recommends', ...missing];
  if (process.getuid?.() !== 0) {
    throw new CommandFailed(`Packages are missing. As root: ${install.join(' ')}`);
  }
  await runQuietly('Updating the list of Debian packages', ['apt-get', 'update']);
  const quiet = ['env', 'DEBIAN_FRONTEND=noninteractive'];
  await runQuietly(`Installing ${missing.join(', ')}`, [...quiet, ...install]);
}

/** @param {string} name */
function isInstalled(name) {
  const { stdout } = spawnSync('dpkg-query', ['--status', name], { encoding: 'utf8' });
  return /^Status: .* installed$/m.test(stdout);
}
