import { type ErrnoName, errnoMessage, errnoName, errnoNumber } from '../errno.ts';
import { KernelError } from '../errors.ts';
import { CLOCK_REALTIME } from '../generated/constants.ts';
import type { SyscallName } from '../generated/syscalls.ts';
import { Kernel } from '../kernel.ts';
import type { Memory } from '../memory.ts';
import type { Policy } from '../policy.ts';
import type { Parameter, Text } from '../text.ts';
import type { Condition, Operator, Value, Variable } from '../values.ts';
import { textBytes } from './bytes.ts';
import { LiveMemory, liveMemory, type Width } from './memory.ts';
import { asNumber, calculate, holds, plain } from './words.ts';

class LiveVariable implements Variable {
  readonly name: string;
  value: number;
  constructor(name: string, value: number) {
    this.name = name;
    this.value = value;
  }
}

/** What `leave` throws: each run of a loop has its own, so that loops can be nested. */
class Leave {}

function wordOf(value: Value): number {
  return asNumber(BigInt(plain(value)));
}

/**
 * A kernel whose calls have their results at once, as numbers: choices are made as they are met,
 * and a failure is thrown. What is left to its subclasses is how one call gets its result.
 */
export abstract class ImmediateKernel extends Kernel {
  readonly #doing: string[] = [];
  /** How to unmake what the innermost transaction made; without one nobody asks. */
  #undo: (() => void)[] | undefined;

  /** What is being done, outermost first. */
  protected get task(): readonly string[] {
    return [...this.#doing];
  }

  /** What a launch parameter holds. @throws TypeError where there are none. */
  protected abstract parameter(parameter: Parameter): string;

  /** The result of a call that failed. @throws KernelError unless the policy allows it. */
  protected failed(call: SyscallName, errno: number, policy: Policy | undefined): number {
    const code = errnoName(errno);
    const allow = policy?.allow;
    if (allow === 'any' || (code !== undefined && allow?.includes(code))) return -errno;
    throw new KernelError(call, errno, this.task);
  }

  override attempt<T>(errnos: readonly ErrnoName[], body: () => T, otherwise: () => T): T {
    try {
      return body();
    } catch (error) {
      const foreseen =
        error instanceof KernelError && errnos.some((name) => errnoNumber(name) === error.errno);
      if (!foreseen) throw error;
    }
    return otherwise();
  }

  override when(condition: Condition, then: () => void, otherwise?: () => void): void {
    if (holds(condition)) then();
    else otherwise?.();
  }

  override loop(body: (leave: () => void) => void): void {
    const token = new Leave();
    const leave = (): never => {
      throw token;
    };
    try {
      for (;;) body(leave);
    } catch (thrown) {
      if (thrown !== token) throw thrown;
    }
  }

  override variable(name: string, initial: Value): Variable {
    return new LiveVariable(name, wordOf(initial));
  }

  override set(variable: Variable, value: Value): void {
    if (!(variable instanceof LiveVariable))
      throw new TypeError('this variable belongs to a program, not to calls made now');
    variable.value = wordOf(value);
  }

  /**
   * Unsigned 64-bit arithmetic that wraps. The result is the unsigned number, or, from 2^53 on,
   * the same word as a signed one.
   * @throws RangeError when neither is a safe integer, and when dividing by zero.
   */
  override compute(left: Value, operator: Operator, right: Value): number {
    return calculate(left, operator, right);
  }

  override memory(name: string, size: number): LiveMemory {
    return new LiveMemory(name, size);
  }

  /** @throws RangeError outside of the memory, and for 64 bits that {@link compute} refuses too. */
  override load(memory: Memory, offset: Value, width: Width): number {
    return liveMemory(memory).load(offset, width);
  }

  /** @throws RangeError outside of the memory. */
  override store(memory: Memory, offset: Value, width: Width, value: Value): void {
    liveMemory(memory).store(offset, width, value);
  }

  /** @throws RangeError where the text has no room. */
  override storeText(memory: Memory, text: Text): void {
    const bytes = textBytes(text, (parameter) => this.parameter(parameter));
    liveMemory(memory).storeText(bytes);
  }

  override doing<T>(what: string, body: () => T): T {
    this.#doing.push(what);
    try {
      return body();
    } finally {
      this.#doing.pop();
    }
  }

  /** Only within a {@link transaction} does anybody run it. */
  override undo(body: () => void): void {
    this.#undo?.push(body);
  }

  /**
   * Runs `body`. When it throws, runs what it named with {@link undo}, last first, and throws the
   * same error: what goes wrong in between is not reported, and ends only that one `undo`. A
   * transaction within another that succeeds is undone with it.
   */
  transaction<T>(body: () => T): T {
    const outer = this.#undo;
    const undo: (() => void)[] = [];
    this.#undo = undo;
    try {
      const result = body();
      outer?.push(...undo);
      return result;
    } catch (error) {
      // Undoing is not undone.
      this.#undo = undefined;
      for (const unmake of undo.reverse()) {
        try {
          unmake();
        } catch {
          // The first error is the one that says what went wrong.
        }
      }
      throw error;
    } finally {
      this.#undo = outer;
    }
  }

  /** @throws Error always: the message, behind what is being done. */
  override fail(message: Text): void {
    const words = textBytes(message, (parameter) => this.parameter(parameter));
    throw new Error([...this.#doing, words].join(': '));
  }

  /** @throws Error always. Lanes only exist in programs, but what one reports can be told. */
  override raise(step: Value, errno: Value): void {
    const reason = errnoMessage(Math.abs(Number(plain(errno))));
    throw new Error([...this.#doing, `step ${plain(step)}`, reason].join(': '));
  }

  override timestamp(): LiveMemory {
    const time = this.memory('time', 16);
    this.clock_gettime(CLOCK_REALTIME, time);
    const second = new Date(time.load(0, 8) * 1000).toISOString().slice(0, -'.000Z'.length);
    const stamp = `${second}.${String(time.load(8, 8)).padStart(9, '0')}Z`;
    const memory = this.memory('timestamp', stamp.length + 1);
    memory.bytes.write(stamp);
    return memory;
  }
}
