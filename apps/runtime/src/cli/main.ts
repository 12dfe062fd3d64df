import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultCacheDirectory, LauncherCache } from '../launcher-cache.ts';
import { explain } from '../log/explain.ts';
import { liveKernel } from '../store/kernel.ts';
import { newEngine } from './engine.ts';
import { processIo } from './io.ts';
import { run } from './run.ts';
import { versionText } from './version.ts';

process.on('uncaughtException', (error) => {
  processIo.stderr(`ocirun: ${explain(error)}\n`);
  process.exit(1);
});

const build = buildName();
const cache = defaultCacheDirectory();
const environment = {
  io: processIo,
  engine: newEngine({ directory: join(cache, 'filters'), version: build }),
  loadKernel: liveKernel,
  cache: new LauncherCache(join(cache, 'launchers')),
  build,
};
// At once: whatever is left to be done, nobody waits for it.
void run(process.argv.slice(2), environment).then((status) => process.exit(status));

/** The version alone would not tell a build that is being worked on from the one before. */
function buildName(): string {
  const { mtimeMs, size } = statSync(fileURLToPath(import.meta.url));
  return `${versionText()} ${mtimeMs} ${size}`;
}
