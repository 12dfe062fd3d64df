import type { Architecture } from '../calls/invoker.ts';
import { describeCall } from '../describe.ts';
import { type ErrnoName, errnoNumber } from '../errno.ts';
import { type SyscallName, syscalls } from '../generated/syscalls.ts';
import { textBytes } from '../live/bytes.ts';
import { ImmediateKernel } from '../live/immediate.ts';
import type { Policy } from '../policy.ts';
import type { Argument } from '../struct.ts';
import { vforkArgs } from '../structs.ts';
import type { Parameter, Text } from '../text.ts';
import type { Fd, Value } from '../values.ts';
import { DefaultResults } from './results.ts';

/** A call that was made of a {@link FakeKernel}. */
export interface FakeCall {
  readonly call: SyscallName;
  readonly args: readonly Argument[];
  /** What was being done, outermost first. */
  readonly doing: readonly string[];
  /** All of it, readable: `openat2(3, "proc", {flags=O_PATH|O_CLOEXEC}, 24)`. */
  readonly line: string;
}

/** Which calls a script is for: by what their line matches, or by a look at the call. */
export type Matcher = RegExp | ((call: FakeCall) => boolean);

export interface ScriptOptions {
  /** Without a matcher, every such call. */
  readonly when?: Matcher;
  /** How often it applies; without a number, always. */
  readonly times?: number;
}

export interface FakeOptions {
  /** Whose encodings to use; x86-64's unless named. */
  readonly architecture?: Architecture;
  /** The launch parameters that are given, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A call's result, or `-errno`. */
type Answer = (call: FakeCall) => number;

interface Script {
  readonly call: SyscallName;
  readonly answer: Answer;
  readonly applies: (call: FakeCall) => boolean;
  left: number;
}

function isCall(name: Text): name is SyscallName {
  return typeof name === 'string' && Object.hasOwn(syscalls, name);
}

/** More rounds than any test needs, and few enough to end one that waits for ever. */
const ROUNDS = 10_000;

function applies(when: Matcher | undefined): (call: FakeCall) => boolean {
  if (when === undefined) return () => true;
  if (typeof when === 'function') return when;
  // Not `test`, which a global expression would make remember its last match.
  return ({ line }) => line.search(when) >= 0;
}

/**
 * Makes no calls, but says which would have been made. They succeed, calls that open something
 * with a descriptor that was never used before, unless {@link fail} or {@link returns} say
 * otherwise. Choices, transactions and errors work as they do live.
 */
export class FakeKernel extends ImmediateKernel {
  readonly architecture: Architecture;
  readonly #calls: FakeCall[] = [];
  readonly #scripts: Script[] = [];
  readonly #results = new DefaultResults();
  readonly #parameters: ReadonlyMap<string, string>;

  constructor(options: FakeOptions = {}) {
    super();
    this.architecture = options.architecture ?? 'x86_64';
    this.#parameters = new Map(Object.entries(options.parameters ?? {}));
  }

  /** The calls so far, those that failed too. */
  get calls(): readonly FakeCall[] {
    return this.#calls;
  }

  /** The calls so far, one line each. */
  get lines(): readonly string[] {
    return this.#calls.map(({ line }) => line);
  }

  /** The descriptors that were opened and not closed, in the order of opening. */
  get open(): readonly number[] {
    return [...this.#results.open];
  }

  /** Fails the start, as any kernel does: throws an Error with this message. */
  override fail(message: Text): void;
  /** Lets a call fail from now on. What was scripted last comes first. */
  override fail(call: SyscallName, errno: ErrnoName, options?: ScriptOptions): void;
  override fail(message: Text, errno?: ErrnoName, options?: ScriptOptions): void {
    if (errno === undefined) super.fail(message);
    else if (!isCall(message)) throw new TypeError(`${String(message)} is no system call`);
    else this.#script(message, () => -errnoNumber(errno), options);
  }

  /**
   * Gives a call another result. A function may also fill memory among the arguments
   * (`FakeMemory`), and fails the call by returning `-errno`.
   */
  returns(
    call: SyscallName,
    result: number | ((call: FakeCall) => number),
    options?: ScriptOptions,
  ): void {
    this.#script(call, typeof result === 'number' ? () => result : result, options);
  }

  /**
   * @throws KernelError when the call is scripted to fail and the policy does not allow it.
   */
  protected override invoke(call: SyscallName, args: readonly Argument[], policy?: Policy): number {
    const line = describeCall(call, args, undefined, this.architecture);
    const made: FakeCall = { call, args, doing: this.task, line };
    this.#calls.push(made);
    const result = this.#answer(made);
    return result < 0 ? this.failed(call, -result, policy) : result;
  }

  /** One write, whatever it returns. */
  override writeText(fd: Fd, data: Text, policy?: Policy): void {
    const bytes = textBytes(data, (parameter) => this.parameter(parameter));
    this.invoke('write', [fd, data, bytes.length], policy);
  }

  /** @throws Error when the body never leaves. */
  override loop(body: (leave: () => void) => void): void {
    let rounds = 0;
    super.loop((leave) => {
      if (++rounds > ROUNDS)
        throw new Error(`a loop went round ${ROUNDS} times: script a result that ends it`);
      body(leave);
    });
  }

  /** One clone3, then what the child does. */
  override vfork(body: () => void): number {
    const args = vforkArgs();
    const child = this.invoke('clone3', [args, args.size]);
    body();
    return child;
  }

  override given(parameter: Parameter): Value {
    return this.#parameters.has(parameter.name) ? 1 : 0;
  }

  /** A parameter that is not given stands for itself, so that few tests need to give one. */
  protected override parameter({ name, options }: Parameter): string {
    return this.#parameters.get(name) ?? options.fallback ?? `\${${name}}`;
  }

  #answer(made: FakeCall): number {
    const script = this.#scripts.findLast(
      ({ call, left, applies }) => call === made.call && left > 0 && applies(made),
    );
    if (!script) return this.#results.of(made.call, made.args);
    script.left--;
    return script.answer(made);
  }

  #script(call: SyscallName, answer: Answer, { when, times }: ScriptOptions = {}): void {
    const left = times ?? Number.POSITIVE_INFINITY;
    this.#scripts.push({ call, answer, applies: applies(when), left });
  }
}
