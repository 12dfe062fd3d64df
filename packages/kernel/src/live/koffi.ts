import { createRequire } from 'node:module';

type Koffi = Pick<typeof import('koffi'), 'load' | 'address' | 'errno'>;

const load = createRequire(import.meta.url);
let koffi: Koffi | undefined;

/**
 * Loads koffi, on first use. Its native part alone takes about 1 ms; the wrapper around it, which
 * looks for that part in more places, about 8, so it is only the second choice.
 *
 * @throws Error where koffi has no build for this machine
 */
export function loadKoffi(): Koffi {
  koffi ??= loadNativePart() ?? loadWrapper();
  return koffi;
}

function loadNativePart(): Koffi | undefined {
  const require: (path: string) => Koffi = load;
  try {
    return require(`koffi/build/koffi/${process.platform}_${process.arch}/koffi.node`);
  } catch {
    // Another libc than glibc, or another layout of the package.
    return undefined;
  }
}

function loadWrapper(): Koffi {
  const require: (name: 'koffi') => Koffi = load;
  return require('koffi');
}
