import { preservedDescriptors } from '@oci/process/service';
import { readService } from '../service.ts';
import { type BundleOptions, compileOptions } from './bundle-options.ts';
import { launcherOf } from './compile-bundle.ts';
import { absolute } from './globals.ts';
import type { Session } from './session.ts';

export interface LaunchOptions extends BundleOptions {
  readonly bundle: string;
  readonly pidFile?: string;
  readonly consoleSocket?: string;
}

/** Compiles a bundle and becomes its launcher: this process is the one that the caller started. */
export async function launch(
  session: Session,
  mode: 'create' | 'run',
  id: string,
  options: LaunchOptions,
): Promise<void> {
  const { globals, root } = session;
  // The launcher checks it again, when it makes the directory.
  root.checkFree(id);
  const pidFile = options.pidFile && absolute('--pid-file', options.pidFile);
  const consoleSocket =
    options.consoleSocket && absolute('--console-socket', options.consoleSocket);
  const service = readService();
  const compiling = compileOptions(mode, options.bundle, options, globals, id);
  const { launcher } = await launcherOf(session, { ...compiling, ...service });
  const args = [
    ...['ocirun', '--root', session.prepareRoot()],
    ...(pidFile ? ['--pid-file', pidFile] : []),
    ...(consoleSocket ? ['--console-socket', consoleSocket] : []),
    ...(globals.log ? ['--log', globals.log] : []),
    id,
  ];
  session.log.debug(`becoming ${args.join(' ')}`);
  await session.engine.become(launcher, args, preservedDescriptors({ ...service, ...options }));
}
