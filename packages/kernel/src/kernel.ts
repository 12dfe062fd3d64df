import { SystemCalls } from './calls/index.ts';
import type { ErrnoName } from './errno.ts';
import type { Memory } from './memory.ts';
import type { Policy } from './policy.ts';
import type { Input, Routine } from './routine.ts';
import type { Parameter, Text } from './text.ts';
import type { Cell, Condition, Fd, Operator, Pid, Value, Variable } from './values.ts';

/**
 * What stages are written against: the system calls, and the few ways to choose between them that
 * work alike when they are made now (live), recorded into a launch program, or faked in a test.
 *
 * Stage code never looks at a result. It passes it on, and says beforehand what may fail.
 */
export abstract class Kernel extends SystemCalls {
  /**
   * Runs `body`; when a call in it fails with one of `errnos`, leaves it there and runs
   * `otherwise`. Both may return a value of the same kind.
   */
  abstract attempt<T extends Value>(
    errnos: readonly ErrnoName[],
    body: () => T,
    otherwise: () => T,
  ): T;
  abstract attempt(errnos: readonly ErrnoName[], body: () => void, otherwise: () => void): void;

  /** Runs one of two bodies. */
  abstract when(condition: Condition, then: () => void, otherwise?: () => void): void;

  /** Repeats `body` until it calls `leave`. `leave` ends the body at once. */
  abstract loop(body: (leave: () => void) => void): void;

  /** Runs a routine: a recorded program calls its one copy, others just run its body. */
  run<Inputs extends readonly Input[], Result extends Value | undefined>(
    routine: Routine<Inputs, Result>,
    ...inputs: Inputs
  ): Result {
    return routine.body(this, ...inputs);
  }

  /**
   * Runs `body` in a child process and waits until that executes a program, or has come to its end
   * (vfork(2)). The child shares memory, so results of its calls can be used afterwards, and a
   * failure in it is one of this process; descriptors, signal mask, namespaces and the like are its
   * own. The result is its id, to be waited for.
   */
  abstract vfork(body: () => void): Pid;

  /** A cell that can be written again. */
  abstract variable(name: string, initial: Value): Variable;
  abstract set(variable: Variable, value: Value): void;

  /** Unsigned 64-bit arithmetic. Only a constant can divide. */
  abstract compute(left: Value, operator: Operator, right: Value): number | Cell;

  /** Zeroed writable bytes. */
  abstract memory(name: string, size: number): Memory;
  /** Reads an unsigned little-endian number. `offset` may itself be computed. */
  abstract load(memory: Memory, offset: Value, width: 1 | 2 | 4 | 8): number | Cell;
  /** Writes a little-endian number. */
  abstract store(memory: Memory, offset: Value, width: 1 | 2 | 4 | 8, value: Value): void;

  /** Puts a text at the start of memory, with a NUL behind it. */
  abstract storeText(memory: Memory, text: Text): void;

  /**
   * Names what `body` does, for the message when a call in it fails. Nested names are joined:
   * `mounts[0]: mount proc at /proc: fsconfig: operation not permitted`.
   */
  abstract doing<T>(what: string, body: () => T): T;

  /**
   * Says how to unmake what was just made. Run in reverse order when the start fails later. Not
   * within a loop, nor within another `undo`.
   */
  abstract undo(body: () => void): void;

  /** Fails the start with this message instead of a call's error. */
  abstract fail(message: Text): void;

  /** Writes a text, whole: the count is its length. */
  abstract writeText(fd: Fd, data: Text, policy?: Policy): void;

  /** Zero when a launch parameter has no value, neither given nor a fallback, else something else. */
  abstract given(parameter: Parameter): Value;

  /** Fails as the numbered step of another lane did: how a lane passes on a report. */
  abstract raise(step: Value, errno: Value): void;

  /** The time now, as RFC 3339 in UTC with nanoseconds, for use in a text. */
  abstract timestamp(): Memory;
}
