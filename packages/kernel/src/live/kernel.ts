import type { Architecture } from '../calls/invoker.ts';
import { errnoNumber } from '../errno.ts';
import { type SyscallName, syscalls } from '../generated/syscalls.ts';
import type { Policy } from '../policy.ts';
import type { Argument } from '../struct.ts';
import type { Parameter, Text } from '../text.ts';
import type { Fd, Value } from '../values.ts';
import { textBytes } from './bytes.ts';
import { ImmediateKernel } from './immediate.ts';
import { loadNative } from './libc.ts';
import { Marshaller } from './marshal.ts';
import { asNumber } from './words.ts';

/** Calls that return twice, or end one thread only: the JavaScript engine survives neither. */
const refused: ReadonlySet<SyscallName> = new Set<SyscallName>([
  'clone',
  'clone3',
  'exit',
  'rt_sigreturn',
]);

function architecture(): Architecture {
  if (process.arch === 'x64') return 'x86_64';
  if (process.arch === 'arm64') return 'aarch64';
  throw new Error(`no system-call numbers are known for ${process.arch}`);
}

/**
 * Makes the calls in this process, on the calling thread, and waits for them.
 *
 * The kernel keeps credentials, namespaces and the working directory per thread (unshare(2),
 * setns(2), credentials(7)); libc would change all threads, a bare system call changes this one.
 * Node's file operations run on other threads unless they are the `…Sync` ones.
 *
 * A call that a signal interrupts fails with EINTR, as it does in a launcher: Node's own handlers
 * restart what can be restarted, so that is what the caller waited for, and may want to know.
 */
export class LiveKernel extends ImmediateKernel {
  readonly architecture = architecture();
  readonly #native = loadNative();
  readonly #marshaller = new Marshaller(this.#native.address);

  /**
   * @throws KernelError when the call fails and the policy does not allow it.
   * @throws TypeError for arguments that only exist in programs.
   */
  protected override invoke(call: SyscallName, args: readonly Argument[], policy?: Policy): number {
    if (refused.has(call))
      throw new Error(`${call} cannot be made in a JavaScript process: launchers do that`);
    const { syscall, errno } = this.#native;
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = this.#marshaller.words(args);
    const result = syscall(syscalls[call][this.architecture], a, b, c, d, e, f);
    // Before anything else that could call into libc.
    const error = result === -1 ? errno() : 0;
    if (error !== 0) return this.failed(call, error, policy);
    return typeof result === 'number' ? result : asNumber(result);
  }

  /**
   * Writes all of a text, in as many calls as it takes, at least one.
   * @throws KernelError when a call fails, or (EIO) writes nothing; where the policy allows that,
   * the rest is left out.
   */
  override writeText(fd: Fd, data: Text, policy?: Policy): void {
    let rest: Uint8Array = textBytes(data);
    do {
      const written = this.invoke('write', [fd, rest, rest.byteLength], policy);
      if (written < 0) return;
      if (written === 0 && rest.byteLength > 0) {
        this.failed('write', errnoNumber('EIO'), policy);
        return;
      }
      rest = rest.subarray(written);
    } while (rest.byteLength > 0);
  }

  /** @throws Error always: a JavaScript engine survives no child that shares its memory. */
  override vfork(_body: () => void): number {
    throw new Error('vfork cannot be made in a JavaScript process: launchers do that');
  }

  /** Always zero: there is no launch that could have given one. */
  override given(_parameter: Parameter): Value {
    return 0;
  }

  protected override parameter({ name }: Parameter): string {
    throw new TypeError(`parameter ${name} only exists in programs, not in calls made now`);
  }
}
