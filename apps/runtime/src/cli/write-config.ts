import { statfsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { failedWith } from '@oci/kernel';
import { defaultConfig } from '@oci/spec';

/**
 * Writes the default config.json into a bundle.
 *
 * @throws Error rather than overwrite one.
 */
export function writeDefaultConfig(bundle: string, rootless: boolean): void {
  const config = defaultConfig({
    rootless,
    uid: process.geteuid?.() ?? 0,
    gid: process.getegid?.() ?? 0,
    cgroupNamespace: hasOnlyCgroup2(),
  });
  try {
    const text = JSON.stringify(config, null, '\t');
    writeFileSync(resolve(bundle, 'config.json'), text, { flag: 'wx', mode: 0o666 });
  } catch (error) {
    if (failedWith(error, 'EEXIST')) throw new Error('File config.json exists. Remove it first');
    throw error;
  }
}

function hasOnlyCgroup2(): boolean {
  const CGROUP2_SUPER_MAGIC = 0x63677270;
  try {
    return statfsSync('/sys/fs/cgroup').type === CGROUP2_SUPER_MAGIC;
  } catch {
    return false;
  }
}
