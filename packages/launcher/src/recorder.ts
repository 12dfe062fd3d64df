import {
  type Architecture,
  type Argument,
  Cell,
  type CloneArgs,
  type Condition,
  cloneArgs,
  type ErrnoName,
  errnoNumber,
  type Fd,
  type Input,
  Kernel,
  Memory,
  type Operator,
  operate,
  Parameter,
  type Policy,
  type Routine,
  type SyscallName,
  Template,
  type Text,
  type Value,
  type Variable,
  vforkArgs,
} from '@oci/kernel';
import { isText } from './bind.ts';
import type {
  LaneProgram,
  LogFormat,
  LoopName,
  Program,
  Reporting,
  RoutineProgram,
  Step,
} from './program.ts';

/** Bytes in the launcher's writable data; they get their place when the program is lowered. */
export class Region extends Memory {
  constructor(name: string, size: number) {
    super(size, name);
  }
}

export interface RecorderOptions {
  readonly name: string;
  readonly architecture: Architecture;
  readonly parameters: readonly Parameter[];
  readonly log?: { readonly file: Parameter; readonly format: LogFormat };
}

/**
 * A kernel that makes no calls but writes them down. Stages run against it once, lane by lane, and
 * {@link Recorder.program} is what they would have done.
 */
export class Recorder extends Kernel {
  readonly architecture: Architecture;
  readonly #options: RecorderOptions;
  readonly #lanes: LaneProgram[] = [];
  readonly #routines = new Map<object, RoutineProgram>();
  readonly #variables = new Set<Cell>();
  #steps: Step[] = [];
  #doing: readonly string[] = [];
  #cells = 0;
  #loops = 0;
  /** The innermost child process whose steps are being recorded, by its id. */
  #child: Cell | undefined;
  /** How many loops, routines and undos are around the steps that are recorded now. */
  #repeating = 0;
  #inRoutine = false;

  constructor(options: RecorderOptions) {
    super();
    this.#options = options;
    this.architecture = options.architecture;
  }

  /** Records one lane. The first lane recorded is the launcher's own process. */
  lane(name: string, reporting: Reporting | (() => Reporting), body: () => void): void {
    const steps = this.#collect(body);
    this.#lanes.push({
      name,
      steps,
      reporting: typeof reporting === 'function' ? reporting() : reporting,
    });
  }

  /** Records a clone3 whose child runs the named lane. The result is the child's id. */
  spawn(lane: string, args: CloneArgs): Cell {
    const struct = cloneArgs(args);
    const result = this.#cell(lane);
    this.#add({ kind: 'spawn', lane, args: [struct, struct.size], result, doing: this.#doing });
    return result;
  }

  get program(): Program {
    const { name, parameters, log } = this.#options;
    const lanes = this.#lanes;
    const routines = [...this.#routines.values()];
    return {
      name,
      lanes,
      routines,
      parameters,
      cells: this.#cells,
      ...(log === undefined ? {} : { log }),
    };
  }

  protected override invoke(call: SyscallName, args: readonly Argument[], policy?: Policy): Cell {
    const result = this.#cell(call);
    const allow = allowed(policy);
    this.#add({ kind: 'call', call, args, result, allow, doing: this.#doing });
    return result;
  }

  override attempt<T extends Value>(
    errnos: readonly ErrnoName[],
    body: () => T,
    otherwise: () => T,
  ): T;
  override attempt(errnos: readonly ErrnoName[], body: () => void, otherwise: () => void): void;
  override attempt(
    errnos: readonly ErrnoName[],
    body: () => unknown,
    otherwise: () => unknown,
  ): Value | undefined {
    const [first, second] = [this.#branch(body), this.#branch(otherwise)];
    const chooses = first.value !== undefined && second.value !== undefined;
    const result = chooses ? this.#cell('choice') : undefined;
    this.#add({
      kind: 'attempt',
      errnos: errnos.map(errnoNumber),
      body: settingTo(result, first),
      otherwise: settingTo(result, second),
    });
    return result;
  }

  override when(condition: Condition, then: () => void, otherwise?: () => void): void {
    this.#add({
      kind: 'when',
      condition,
      body: this.#collect(then),
      otherwise: otherwise ? this.#collect(otherwise) : [],
    });
  }

  override loop(body: (leave: () => void) => void): void {
    const name: LoopName = { loop: this.#loops++ };
    const within = this.#child;
    const leave = () => {
      if (this.#child !== within) throw new TypeError('a child cannot leave a loop of its parent');
      this.#add({ kind: 'leave', name });
    };
    const steps = this.#withoutUndo(() => body(leave));
    this.#add({ kind: 'loop', name, body: steps });
  }

  override run<Inputs extends readonly Input[], Result extends Value | undefined>(
    routine: Routine<Inputs, Result>,
    ...inputs: Inputs
  ): Result;
  override run(
    routine: Routine<readonly Input[], Value | undefined>,
    ...inputs: readonly Input[]
  ): Value | undefined {
    // Where there may be no room for a text, the steps are recorded in the place that runs them.
    if (!inputs.every(isWord)) return routine.body(this, ...inputs);
    const recorded = this.#routines.get(routine) ?? this.#record(routine, inputs);
    if (this.#inRoutine && this.#doing.length > 0)
      throw new TypeError('a routine cannot say what it runs another one for');
    const result = recorded.result === undefined ? undefined : this.#cell(routine.name);
    this.#add({ kind: 'run', routine: recorded, inputs, result, doing: this.#doing });
    return result;
  }

  override vfork(body: () => void): Cell {
    // Its own run of the routine would change the cells of its parent's.
    if (this.#inRoutine) throw new TypeError('a child inside a routine');
    const struct = vforkArgs();
    const result = this.#cell('child');
    const outer = this.#child;
    this.#child = result;
    try {
      const steps = this.#collect(body);
      const args = [struct, struct.size];
      this.#add({ kind: 'vfork', args, result, body: steps, doing: this.#doing });
    } finally {
      this.#child = outer;
    }
    return result;
  }

  override variable(name: string, initial: Value): Variable {
    const value = this.#cell(name);
    this.#add({ kind: 'set', to: value, value: initial });
    this.#variables.add(value);
    return { value };
  }

  override set(variable: Variable, value: Value): void {
    const to = variable.value;
    if (!(to instanceof Cell && this.#variables.has(to)))
      throw new TypeError('a variable of another kernel');
    this.#add({ kind: 'set', to, value });
  }

  override compute(left: Value, operator: Operator, right: Value): number | Cell {
    // A launcher would end by SIGFPE where a live kernel throws.
    if ((operator === '/' || operator === '%') && right instanceof Cell)
      throw new TypeError('only a constant can divide');
    if (!(left instanceof Cell) && !(right instanceof Cell)) {
      const result = operate(BigInt(left), operator, BigInt(right));
      if (result <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(result);
    }
    const to = this.#cell(operator);
    this.#add({ kind: 'compute', to, left, operator, right });
    return to;
  }

  override memory(name: string, size: number): Memory {
    return new Region(name, size);
  }

  override load(memory: Memory, offset: Value, width: 1 | 2 | 4 | 8): Cell {
    const to = this.#cell(memory.name);
    this.#add({ kind: 'load', to, memory, offset, width });
    return to;
  }

  override store(memory: Memory, offset: Value, width: 1 | 2 | 4 | 8, value: Value): void {
    this.#add({ kind: 'store', memory, offset, width, value });
  }

  override doing<T>(what: string, body: () => T): T {
    const outer = this.#doing;
    this.#doing = [...outer, what];
    try {
      return body();
    } finally {
      this.#doing = outer;
    }
  }

  override undo(body: () => void): void {
    if (this.#repeating > 0) throw new TypeError('undo inside a loop, a routine or another undo');
    this.#add({ kind: 'undo', body: this.#withoutUndo(body) });
  }

  override fail(message: Text): void {
    this.#add({ kind: 'fail', message, doing: this.#doing });
  }

  override writeText(fd: Fd, text: Text, policy?: Policy): void {
    const result = this.#cell('write');
    this.#add({ kind: 'write', fd, text, result, allow: allowed(policy), doing: this.#doing });
  }

  override given(parameter: Parameter): Cell {
    const to = this.#cell(parameter.name);
    this.#add({ kind: 'given', to, parameter });
    return to;
  }

  override storeText(memory: Memory, text: Text): void {
    if (typeof text === 'string' && Buffer.byteLength(text) >= memory.size)
      throw new RangeError(`${memory.name} has no room for ${JSON.stringify(text)}`);
    this.#add({ kind: 'text', memory, text });
  }

  override timestamp(): Memory {
    const memory = new Region('time', 40);
    this.#add({ kind: 'timestamp', memory });
    return memory;
  }

  override raise(step: Value, errno: Value): void {
    this.#add({ kind: 'raise', step, errno });
  }

  #cell(name: string): Cell {
    return new Cell(this.#cells++, name);
  }

  #add(step: Step): void {
    this.#steps.push(step);
  }

  /** Records a routine, apart from the place that is the first to run it. */
  #record(
    routine: Routine<readonly Input[], Value | undefined>,
    given: readonly Input[],
  ): RoutineProgram {
    const { name } = routine;
    const outer = [this.#doing, this.#inRoutine] as const;
    [this.#doing, this.#inRoutine] = [[], true];
    try {
      const inputs = given.map((input) => (isText(input) ? new Parameter(name) : this.#cell(name)));
      let result: Value | undefined;
      const steps = this.#withoutUndo(() => {
        result = routine.body(this, ...inputs);
      });
      const recorded = { name, inputs, steps, result };
      this.#routines.set(routine, recorded);
      return recorded;
    } finally {
      [this.#doing, this.#inRoutine] = outer;
    }
  }

  /** Code that may run many times, or only after a failure, can't add to what is unmade. */
  #withoutUndo(body: () => void): readonly Step[] {
    this.#repeating++;
    try {
      return this.#collect(body);
    } finally {
      this.#repeating--;
    }
  }

  #branch(body: () => unknown): Branch {
    let value: unknown;
    const steps = this.#collect(() => {
      value = body();
    });
    return { steps, value: isValue(value) ? value : undefined };
  }

  /** Records `body` into a list of its own. */
  #collect(body: () => void): readonly Step[] {
    const outer = this.#steps;
    const steps: Step[] = [];
    this.#steps = steps;
    try {
      body();
    } finally {
      this.#steps = outer;
    }
    return steps;
  }
}

/** One of two ways, and the value that it comes to. */
interface Branch {
  readonly steps: readonly Step[];
  readonly value: Value | undefined;
}

function isValue(value: unknown): value is Value {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Cell;
}

function settingTo(to: Cell | undefined, { steps, value }: Branch): readonly Step[] {
  return to && value !== undefined ? [...steps, { kind: 'set', to, value }] : steps;
}

/** The longest text that has room wherever a text is filled in: PATH_MAX without its NUL. */
const LONGEST_TEXT = 4095;

/** Whether it can be passed on in a word: its value, or the address of bytes that stay as they are. */
function isWord(input: Input): boolean {
  if (input instanceof Parameter) return (input.options.longest ?? LONGEST_TEXT) <= LONGEST_TEXT;
  if (typeof input === 'string') return Buffer.byteLength(input) <= LONGEST_TEXT;
  return !(input instanceof Template);
}

function allowed(policy: Policy | undefined): readonly number[] | 'any' {
  const allow = policy?.allow ?? [];
  return allow === 'any' ? allow : allow.map(errnoNumber);
}
