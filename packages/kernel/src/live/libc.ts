import { loadKoffi } from './koffi.ts';
import type { Word } from './marshal.ts';

/** libc's `syscall`: the result, or -1 with the error number in errno. */
type Syscall = (number: number, ...words: [Word, Word, Word, Word, Word, Word]) => Word;

/** What of koffi is used here. */
interface Native {
  readonly syscall: Syscall;
  /** The address of a byte array's first byte. */
  readonly address: (bytes: Uint8Array) => number;
  readonly errno: () => number;
}

let native: Native | undefined;

/**
 * Loads koffi, on first use: no one should pay for that who makes no call.
 *
 * One signature serves all system calls. `syscall` is variadic in C, but on x86-64 and arm64 Linux
 * integers are passed to variadic functions as to any others.
 *
 * @throws Error where there is no Linux.
 */
export function loadNative(): Native {
  if (native) return native;
  if (process.platform !== 'linux')
    throw new Error(`system calls can be made on Linux only, not on ${process.platform}`);
  const koffi = loadKoffi();
  const syscall: Syscall = koffi
    .load(null)
    .func('long syscall(long, long, long, long, long, long, long)');
  native = {
    syscall,
    // User space ends below 2^53, so an address is a safe number.
    address: (bytes) => Number(koffi.address(bytes)),
    errno: () => koffi.errno(),
  };
  return native;
}
