import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Seccomp } from '@oci/spec';
import { type BindMounts, configured, makeBindMounts } from './bind-mounts.ts';
import { benchConfig } from './config.ts';
import { dockerDefault } from './docker-profile.ts';
import { compilePayload, compiler, copyBusyboxTrue } from './programs.ts';

export interface Bundle {
  readonly directory: string;
  readonly rootfs: string;
  /** The container's program, as the container sees it. */
  readonly program: string;
  readonly binds: BindMounts;
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

/**
 * Makes all bundles; `confined` are those under Docker's default seccomp profile.
 *
 * @param bindMounts how many there are beyond the default config's mounts
 */
export function makeBundles(
  directory: string,
  bindMounts: number,
): { readonly bundles: Bundles; readonly confined: Bundles } {
  const rootfs = join(directory, 'rootfs');
  for (const place of ['proc', 'dev', 'sys']) mkdirSync(join(rootfs, place), { recursive: true });
  const binds = makeBindMounts(directory, rootfs, bindMounts);
  if (compiler) {
    for (const name of ['exit', 'clock', 'wait'] as const) compilePayload(name, join(rootfs, name));
  } else copyBusyboxTrue(join(rootfs, 'true'));
  const all = (prefix: string, profile?: Seccomp): Bundles => {
    const bundle = (name: string) =>
      makeBundle(directory, prefix, { rootfs, binds, profile }, name);
    if (!compiler) return { exit: bundle('true') };
    return { exit: bundle('exit'), clock: bundle('clock'), wait: bundle('wait') };
  };
  return { bundles: all('bundle'), confined: all('confined', dockerDefault()) };
}

interface Contents extends Pick<Bundle, 'rootfs' | 'binds'> {
  readonly profile: Seccomp | undefined;
}

function makeBundle(
  parent: string,
  prefix: string,
  { rootfs, binds, profile }: Contents,
  name: string,
): Bundle {
  const directory = join(parent, `${prefix}-${name}`);
  const program = `/${name}`;
  mkdirSync(directory);
  const config = benchConfig(rootfs, program, configured(binds), profile);
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config));
  return { directory, rootfs, program, binds };
}
