import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchConfig } from './config.ts';
import { compilePayload, compiler, copyBusyboxTrue } from './programs.ts';

export interface Bundle {
  readonly directory: string;
  readonly rootfs: string;
  /** The container's program, as the container sees it. */
  readonly program: string;
}

/** One bundle for each payload; they share a root file system. */
export interface Bundles {
  /** Exits at once. */
  readonly exit: Bundle;
  /** Prints the monotonic clock. Needs a C compiler. */
  readonly clock?: Bundle;
  /** Prints a line, then waits to be killed. Needs a C compiler. */
  readonly wait?: Bundle;
}

export function makeBundles(directory: string): Bundles {
  const rootfs = join(directory, 'rootfs');
  for (const place of ['proc', 'dev', 'sys']) mkdirSync(join(rootfs, place), { recursive: true });
  if (!compiler) {
    copyBusyboxTrue(join(rootfs, 'true'));
    return { exit: makeBundle(directory, rootfs, 'true') };
  }
  for (const name of ['exit', 'clock', 'wait'] as const) compilePayload(name, join(rootfs, name));
  return {
    exit: makeBundle(directory, rootfs, 'exit'),
    clock: makeBundle(directory, rootfs, 'clock'),
    wait: makeBundle(directory, rootfs, 'wait'),
  };
}

function makeBundle(parent: string, rootfs: string, name: string): Bundle {
  const directory = join(parent, `bundle-${name}`);
  const program = `/${name}`;
  mkdirSync(directory);
  writeFileSync(join(directory, 'config.json'), JSON.stringify(benchConfig(rootfs, program)));
  return { directory, rootfs, program };
}
