import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoConfig } from './config.mjs';
import { shareHostPrograms } from './host.mjs';

const ownFiles = {
  passwd: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  group: 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n',
  hostname: 'demo\n',
};

/**
 * Makes a bundle out of what this machine has, in a temporary directory.
 * @param {readonly string[]} command what the container runs
 */
export function makeBundle(command) {
  const directory = mkdtempSync(join(tmpdir(), 'ocirun-demo-'));
  const rootfs = join(directory, 'rootfs');
  for (const place of ['dev', 'etc', 'proc', 'root', 'sys', 'tmp']) {
    mkdirSync(join(rootfs, place), { recursive: true });
  }
  for (const [name, text] of Object.entries(ownFiles)) {
    writeFileSync(join(rootfs, 'etc', name), text);
  }
  const directories = shareHostPrograms(rootfs);
  const config = demoConfig({ command, directories });
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config, null, 2));
  return directory;
}

/**
 * Removes a bundle; but nothing while one of its directories is mounted where we see it, for then
 * what is below is this machine's.
 * @param {string} directory
 */
export function removeBundle(directory) {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  if (mounts.some((line) => line.split(' ')[4]?.startsWith(`${directory}/`))) {
    process.stderr.write(`${directory} is left: something is still mounted in it\n`);
    return;
  }
  rmSync(directory, { recursive: true, force: true });
}
