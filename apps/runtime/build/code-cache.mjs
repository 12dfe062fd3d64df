/**
 * Fills V8's code cache for the command, by running commands that touch what cold starts need.
 * Through the wrapper, since V8 rejects a cache that was made under other flags.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ocirun = fileURLToPath(new URL('../bin/ocirun', import.meta.url));
const bundle = mkdtempSync(join(tmpdir(), 'ocirun-build-'));
const mapping = (/** @type {number} */ id) => [{ containerID: 0, hostID: id, size: 1 }];
const root = ['--root', join(bundle, 'containers')];

writeFileSync(
  join(bundle, 'config.json'),
  JSON.stringify({
    ociVersion: '1.3.0',
    process: { args: ['sh'], cwd: '/', env: ['PATH=/bin'], noNewPrivileges: true },
    root: { path: 'rootfs' },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: {
      // Whoever builds can plan this.
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount', 'user'].map((type) => ({ type })),
      uidMappings: mapping(process.geteuid?.() ?? 0),
      gidMappings: mapping(process.getegid?.() ?? 0),
      maskedPaths: ['/proc/kcore'],
      readonlyPaths: ['/proc/sys'],
    },
  }),
);
try {
  // Fails where it would become the launcher, for there is no such descriptor: all is loaded by then.
  const run = [...root, 'run', '--preserve-fds', '7', '--bundle', bundle, 'none'];
  for (const command of [[...root, 'state', 'none'], ['plan', bundle], run, run]) {
    const env = { ...process.env, OCIRUN_WRITE_CODE_CACHE: '1', XDG_CACHE_HOME: bundle };
    const { error } = spawnSync(ocirun, command, { env, stdio: 'ignore' });
    if (error) throw error;
  }
} finally {
  rmSync(bundle, { recursive: true, force: true });
}
