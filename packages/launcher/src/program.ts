import type {
  Argument,
  Cell,
  Condition,
  Fd,
  Input,
  Memory,
  Operator,
  Parameter,
  SyscallName,
  Text,
  Value,
} from '@oci/kernel';

/** Why a lane stops when a step fails, and how that is worded. */
export interface Failure {
  /** What was being done, outermost first. */
  readonly doing: readonly string[];
}

/** One system call, with the errors that it may end with. */
export interface CallStep extends Failure {
  readonly kind: 'call';
  readonly call: SyscallName;
  readonly args: readonly Argument[];
  readonly result: Cell;
  /** Error numbers after which the lane goes on. */
  readonly allow: readonly number[] | 'any';
}

/** Writes a text to a descriptor, with its length as the count. */
export interface WriteStep extends Failure {
  readonly kind: 'write';
  readonly fd: Fd;
  readonly text: Text;
  readonly result: Cell;
  readonly allow: readonly number[] | 'any';
}

/** A call of clone3 whose child goes on in another lane. */
export interface SpawnStep extends Failure {
  readonly kind: 'spawn';
  readonly lane: string;
  readonly args: readonly Argument[];
  readonly result: Cell;
}

/** A child that shares this lane's memory, while the lane stands still (vfork(2)). */
export interface VforkStep extends Failure {
  readonly kind: 'vfork';
  readonly args: readonly Argument[];
  readonly result: Cell;
  readonly body: readonly Step[];
}

/** Fails with a message of its own instead of a call's error. */
export interface FailStep extends Failure {
  readonly kind: 'fail';
  readonly message: Text;
}

/** Steps that several places run. A failure in them is one of the place that does. */
export interface RoutineProgram {
  readonly name: string;
  /** What is set before; texts are known by their addresses. */
  readonly inputs: readonly (Cell | Parameter)[];
  readonly steps: readonly Step[];
  readonly result: Value | undefined;
}

/** Runs a routine. */
export interface RunStep extends Failure {
  readonly kind: 'run';
  readonly routine: RoutineProgram;
  readonly inputs: readonly Input[];
  readonly result: Cell | undefined;
}

/** Identity of a loop, so that a `leave` says which one it ends. */
export interface LoopName {
  readonly loop: number;
}

export type Step =
  | CallStep
  | WriteStep
  | SpawnStep
  | VforkStep
  | FailStep
  | RunStep
  | {
      readonly kind: 'when';
      readonly condition: Condition;
      readonly body: readonly Step[];
      readonly otherwise: readonly Step[];
    }
  | { readonly kind: 'loop'; readonly name: LoopName; readonly body: readonly Step[] }
  | { readonly kind: 'leave'; readonly name: LoopName }
  | {
      readonly kind: 'attempt';
      readonly errnos: readonly number[];
      readonly body: readonly Step[];
      readonly otherwise: readonly Step[];
    }
  | {
      readonly kind: 'compute';
      readonly to: Cell;
      readonly left: Value;
      readonly operator: Operator;
      readonly right: Value;
    }
  | { readonly kind: 'set'; readonly to: Cell; readonly value: Value }
  | {
      readonly kind: 'load';
      readonly to: Cell;
      readonly memory: Memory;
      readonly offset: Value;
      readonly width: 1 | 2 | 4 | 8;
    }
  | {
      readonly kind: 'store';
      readonly memory: Memory;
      readonly offset: Value;
      readonly width: 1 | 2 | 4 | 8;
      readonly value: Value;
    }
  /** Puts a text into memory, with a NUL behind it. */
  | { readonly kind: 'text'; readonly memory: Memory; readonly text: Text }
  /** Fills memory with the time now, as RFC 3339, NUL-terminated. */
  | { readonly kind: 'timestamp'; readonly memory: Memory }
  | { readonly kind: 'given'; readonly to: Cell; readonly parameter: Parameter }
  | { readonly kind: 'raise'; readonly step: Value; readonly errno: Value }
  /** Run in reverse order when a later step of the lane fails; its own errors are ignored. */
  | { readonly kind: 'undo'; readonly body: readonly Step[] };

/** What a lane does when a step has failed and everything made was unmade. */
export type Reporting =
  /** Writes the message for people, and to the log. */
  | { readonly by: 'message' }
  /**
   * Sends the step's number and errno, two 64-bit words, over this socket; writes the message itself
   * when nobody is there any more. With `write`, for a lane that may not call sendto(2), SIGPIPE ends
   * it then.
   */
  | { readonly by: 'descriptor' | 'write'; readonly fd: Fd };

/** The steps that one task runs. */
export interface LaneProgram {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly reporting: Reporting;
}

/** How a failure is written to the log that `--log` names. */
export type LogFormat = 'text' | 'json';

/** Everything that a launcher does. The first lane is the launcher's own process. */
export interface Program {
  /** The command's name, in front of its messages. */
  readonly name: string;
  readonly lanes: readonly LaneProgram[];
  readonly routines: readonly RoutineProgram[];
  readonly parameters: readonly Parameter[];
  /** The parameter that names a file for failures, and their format there. */
  readonly log?: { readonly file: Parameter; readonly format: LogFormat };
  readonly cells: number;
}
