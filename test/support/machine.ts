import { existsSync } from 'node:fs';

/** Fails at once, and by name, where real containers can't be started. */
export default function checkMachine(): void {
  if (process.getuid?.() !== 0) throw new Error('the integration tests start containers as root');
  if (!existsSync('/bin/busybox'))
    throw new Error('the containers run busybox: apt-get install busybox-static');
  if (!existsSync(new URL('../../apps/runtime/dist/cli/entry.cjs', import.meta.url)))
    throw new Error('ocirun is not built: npm run build');
}
