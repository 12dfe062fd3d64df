import type { Compiled, CompileOptions } from '../compile.ts';
import type { CachedLauncher } from '../launcher-cache.ts';
import { readSources, type Sources } from '../sources.ts';
import type { Systemd } from '../systemd.ts';
import type { Session } from './session.ts';

/** Compiles a bundle and tells the log what came of it. */
export async function compileWith(
  session: Session,
  options: CompileOptions,
  sources?: Sources,
): Promise<Compiled> {
  const began = performance.now();
  const compiled = await session.engine.compileBundle(options, sources);
  const took = (performance.now() - began).toFixed(1);
  const { length } = compiled.launcher;
  session.log.debug(`compiled ${options.bundle} to ${length} bytes in ${took} ms`);
  for (const warning of compiled.warnings) session.log.warn(warning);
  return compiled;
}

/** The launcher of a bundle: from the cache, where the same was compiled before. */
export async function launcherOf(
  session: Session,
  options: CompileOptions,
): Promise<CachedLauncher> {
  const { cache, build, log } = session;
  // Engines make a bundle for each container, which would only fill the cache.
  if (!cache || options.mode !== 'run') return compileWith(session, options);
  const systemd = options.cgroupManager === 'systemd' ? await readSystemd() : undefined;
  const sources = readSources(options.bundle, systemd, options.rootless);
  const { permitted, ...host } = sources.host;
  const key = JSON.stringify([build, options, host, String(permitted), sources.config]);
  const found = cache.find(key);
  if (!found) {
    const compiled = await compileWith(session, options, sources);
    cache.keep(key, compiled);
    return compiled;
  }
  log.debug(`found the launcher of ${options.bundle} in the cache`);
  for (const warning of found.warnings) log.warn(warning);
  return found;
}

async function readSystemd(): Promise<Systemd> {
  const { readSystemd: read } = await import('../systemd.ts');
  return read();
}
