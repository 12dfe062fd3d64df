import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Fails at once, and by name, where real containers can't be started. */
function checkMachine(): void {
  if (process.getuid?.() !== 0) throw new Error('the integration tests start containers as root');
  for (const [file, needed] of [
    ['/bin/busybox', 'the containers run busybox: apt-get install busybox-static'],
    ['/usr/bin/strace', 'strace interrupts launchers: apt-get install strace'],
  ] as const)
    if (!existsSync(file)) throw new Error(needed);
  if (!existsSync(new URL('../../apps/runtime/dist/cli/entry.cjs', import.meta.url)))
    throw new Error('ocirun is not built: npm run build');
}

/** Keeps compiled launchers in a directory of the tests' own, which goes with them. */
export default function setUp(): () => void {
  checkMachine();
  const cache = mkdtempSync(join(tmpdir(), 'ocirun-cache-'));
  process.env.XDG_CACHE_HOME = cache;
  return () => rmSync(cache, { recursive: true });
}
