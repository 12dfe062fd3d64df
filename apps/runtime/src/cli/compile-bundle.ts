import type { Compiled, CompileOptions } from '../compile.ts';
import type { Session } from './session.ts';

/** Compiles a bundle and tells the log what came of it. */
export async function compileWith(session: Session, options: CompileOptions): Promise<Compiled> {
  const { log } = session;
  const { compileBundle } = await session.engine();
  const began = performance.now();
  const compiled = compileBundle(options);
  const took = (performance.now() - began).toFixed(1);
  log.debug(`compiled ${options.bundle} to ${compiled.launcher.length} bytes in ${took} ms`);
  for (const warning of compiled.warnings) log.warn(warning);
  return compiled;
}
