import {
  type Argument,
  type Cell,
  type Condition,
  Parameter,
  type SyscallName,
  type Text,
} from '@oci/kernel';
import type { Comparison, Label, Operand } from '../instructions.ts';
import type {
  CallStep,
  Failure,
  LoopName,
  RunStep,
  SpawnStep,
  Step,
  VforkStep,
  WriteStep,
} from '../program.ts';
import type { Context, Failed } from './context.ts';
import { lowerData } from './data.ts';
import type { Emitter } from './emitter.ts';
import { type Handler, type Outlet, Outlets } from './outlets.ts';

/** The comparison that holds when the relation does not. */
const negated: Record<Condition['relation'], Comparison> = {
  '==': 'ne',
  '!=': 'eq',
  '<': 'ge',
  '<=': 'gt',
  '>': 'le',
  '>=': 'lt',
};

type Allowed = readonly number[] | 'any';

interface Undo {
  readonly body: readonly Step[];
  /** Set when an undo inside a branch was reached; one outside always is. */
  readonly reached: Cell | undefined;
  /** Runs this undo and all before it. */
  readonly label: Label;
}

/** What lanes and routines do differently. */
export interface Ending {
  readonly name: string;
  /** Where a failure is kept… */
  readonly failed: Failed;
  /** …and where it leads to, when all is unmade. */
  readonly label: Label;
  /** The number of a failure's message. */
  message(doing: readonly string[], last: Text): number;
  /** What to add to the number of a routine's message. */
  prefix(doing: readonly string[]): number;
}

/** Lowers the steps of a lane or a routine. What happens on errors is laid out behind them. */
export class StepLowering {
  readonly #context: Context;
  readonly #ending: Ending;
  readonly #aside: (() => void)[] = [];
  readonly #outlets: Outlets;
  readonly #loops = new Map<LoopName, Label>();
  readonly #undos: Undo[] = [];
  #handlers: readonly Handler[] = [];
  #nested = false;
  #undoing = false;
  /** Where a child that fails ends. */
  #stopped: Label | undefined;
  /** Where an undo that fails goes on: with the one before it. */
  #nextUndo: Label | undefined;

  constructor(context: Context, ending: Ending) {
    this.#context = context;
    this.#ending = ending;
    this.#outlets = new Outlets(context.emit, ending.failed, this.#aside);
  }

  /** @param end lays out what follows the last step */
  lower(steps: readonly Step[], end: () => void): void {
    this.#steps(steps);
    end();
    // Error paths may add error paths of their own.
    for (let lay = this.#aside.shift(); lay; lay = this.#aside.shift()) lay();
    this.#unwind();
  }

  #steps(steps: readonly Step[]): void {
    for (const step of steps) this.#step(step);
  }

  #step(step: Step): void {
    switch (step.kind) {
      case 'call':
        this.#call(step, step.call, step.args);
        break;
      case 'write':
        this.#write(step);
        break;
      case 'spawn':
        this.#spawn(step);
        break;
      case 'vfork':
        this.#vfork(step);
        break;
      case 'when':
        this.#when(step);
        break;
      case 'loop':
        this.#loop(step);
        break;
      case 'leave':
        this.#context.emit.jump(this.#loopEnd(step.name));
        break;
      case 'attempt':
        this.#attempt(step);
        break;
      case 'fail':
        this.#stop(this.#ending.message(step.doing, step.message), 0);
        break;
      case 'raise':
        this.#raise(step);
        break;
      case 'undo':
        this.#undo(step.body);
        break;
      case 'run':
        this.#run(step);
        break;
      default:
        lowerData(this.#context, step);
    }
  }

  #call(
    step: CallStep | SpawnStep | VforkStep,
    call: SyscallName,
    operands: readonly Argument[],
  ): void {
    const { emit, args } = this.#context;
    const result = this.#result(step.result);
    emit.syscall(call, args.operands(operands), result);
    this.#check(result, step, call, step.kind === 'call' ? step.allow : []);
  }

  /** Writes a text whole: a pipe or a full disk may take it in pieces. */
  #write(step: WriteStep): void {
    const { emit, args, writer } = this.#context;
    const { fd, text } = step;
    const result = this.#result(step.result);
    const [at, left] = [emit.cell('at'), emit.cell('left')];
    const [again, done] = [emit.label('write more'), emit.label('written')];
    if (typeof text === 'string') {
      emit.move(at, emit.string(text));
      emit.move(left, Buffer.byteLength(text));
    } else {
      emit.move(at, args.formatted(text));
      emit.compute('sub', left, writer.cursor, at);
    }
    emit.place(again);
    emit.syscall('write', [fd, at, left], result);
    this.#check(result, step, 'write', step.allow);
    // An error that is allowed ends it, too.
    emit.branch(result, 'le', 0, done);
    emit.add(at, result);
    emit.compute('sub', left, left, result);
    emit.branch(left, 'ne', 0, again);
    emit.place(done);
  }

  #spawn(step: SpawnStep): void {
    const start = this.#context.lanes.get(step.lane);
    if (!start) throw new Error(`no lane is called ${step.lane}`);
    this.#call(step, 'clone3', step.args);
    this.#context.emit.branch(this.#result(step.result), 'eq', 0, start);
  }

  /**
   * The child goes on in its parent's memory. When it fails, what failed is known there, and its
   * parent goes on from that.
   */
  #vfork(step: VforkStep): void {
    const { emit } = this.#context;
    const { failed } = this.#ending;
    const [parent, stopped] = [emit.label('parent'), emit.label('child fails')];
    const end = emit.label('after the child');
    const outcome = emit.cell('child failed');
    emit.move(outcome, 0);
    this.#call(step, 'clone3', step.args);
    emit.branch(this.#result(step.result), 'ne', 0, parent);
    this.#inChild(stopped, () => this.#steps(step.body));
    exit(emit, 0);
    emit.place(stopped);
    emit.move(outcome, 1);
    exit(emit, 1);
    emit.place(parent);
    if (!this.#undoing) {
      emit.branch(outcome, 'eq', 0, end);
      for (const { errnos, label } of this.#handlers)
        for (const errno of errnos) emit.branch(failed.result, 'eq', -errno, label);
      emit.jump(this.#unwindLabel());
    }
    emit.place(end);
  }

  /** Lowers what a child does; its failures lead to `stopped`. */
  #inChild(stopped: Label, body: () => void): void {
    const outer = [this.#handlers, this.#stopped, this.#nextUndo] as const;
    this.#handlers = [];
    this.#stopped = stopped;
    if (this.#nextUndo) this.#nextUndo = stopped;
    this.#nest(body);
    [this.#handlers, this.#stopped, this.#nextUndo] = outer;
  }

  /** Goes on when the call succeeded or its error is allowed, else leaves the straight path. */
  #check(result: Cell, { doing }: Failure, call: SyscallName, allow: Allowed): void {
    if (allow === 'any') return;
    if (this.#undoing) {
      this.#checkUndoing(result, allow);
      return;
    }
    const { emit } = this.#context;
    const message = this.#ending.message(doing, call);
    const outlet = this.#outlet(result);
    if (allow.length === 0) {
      emit.branch(result, 'lt', 0, this.#outlets.failure(outlet, message));
      return;
    }
    const [failed, next] = [emit.label(`${call} failed`), emit.label(`after ${call}`)];
    emit.branch(result, 'lt', 0, failed);
    emit.place(next);
    this.#aside.push(() => {
      emit.place(failed);
      for (const errno of allow) emit.branch(result, 'eq', -errno, next);
      emit.jump(this.#outlets.failure(outlet, message));
    });
  }

  /** While things are unmade errors are ignored, but for those that an attempt foresees. */
  #checkUndoing(result: Cell, allow: readonly number[]): void {
    if (this.#handlers.length === 0) return;
    const { emit } = this.#context;
    const next = emit.label('ignored');
    for (const errno of allow) emit.branch(result, 'eq', -errno, next);
    for (const { errnos, label } of this.#handlers)
      for (const errno of errnos) emit.branch(result, 'eq', -errno, label);
    emit.place(next);
  }

  #outlet(result: Cell): Outlet {
    return this.#outlets.outlet(result, this.#handlers, this.#unwindLabel());
  }

  /** Runs a routine, and goes on where it did; its failures are this lane's or routine's own. */
  #run(step: RunStep): void {
    const { emit, args, routines, raised, used } = this.#context;
    const { routine, inputs, result, doing } = step;
    const start = routines.get(routine);
    if (!start) throw new Error(`the program has no routine ${routine.name}`);
    routine.inputs.forEach((input, index) => {
      const place = input instanceof Parameter ? args.parameter(input) : input;
      emit.move(place, args.operand(inputs[index] ?? null));
    });
    emit.call(start);
    if (this.#undoing) {
      this.#checkUndoing(raised.result, []);
    } else {
      const failed = this.#outlets.passedOn(
        this.#outlet(raised.result),
        raised,
        this.#ending.prefix(doing),
      );
      emit.branch(raised.message, 'ne', 0, failed);
    }
    if (result && used.has(result)) emit.move(result, args.operand(routine.result ?? 0));
  }

  /** Where a call's result goes: one place for all that nobody reads. */
  #result(result: Cell): Cell {
    return this.#context.used.has(result) ? result : this.#context.unused;
  }

  #when(step: Extract<Step, { kind: 'when' }>): void {
    const { emit } = this.#context;
    const { left, relation, right } = step.condition;
    const [otherwise, end] = [emit.label('otherwise'), emit.label('end')];
    emit.branch(left, negated[relation], right, otherwise);
    this.#nest(() => this.#steps(step.body));
    if (step.otherwise.length > 0) emit.jump(end);
    emit.place(otherwise);
    this.#nest(() => this.#steps(step.otherwise));
    emit.place(end);
  }

  #loop(step: Extract<Step, { kind: 'loop' }>): void {
    const { emit } = this.#context;
    const again = emit.label('again');
    emit.place(again);
    this.#nest(() => this.#steps(step.body));
    emit.jump(again);
    emit.place(this.#loopEnd(step.name));
  }

  #attempt(step: Extract<Step, { kind: 'attempt' }>): void {
    const { emit } = this.#context;
    const [otherwise, end] = [emit.label('otherwise'), emit.label('end')];
    const outer = this.#handlers;
    this.#handlers = [{ errnos: step.errnos, label: otherwise }, ...outer];
    this.#nest(() => this.#steps(step.body));
    this.#handlers = outer;
    emit.jump(end);
    emit.place(otherwise);
    this.#nest(() => this.#steps(step.otherwise));
    emit.place(end);
  }

  #nest(body: () => void): void {
    const outer = this.#nested;
    this.#nested = true;
    body();
    this.#nested = outer;
  }

  #loopEnd(name: LoopName): Label {
    let label = this.#loops.get(name);
    if (!label) {
      label = this.#context.emit.label('left');
      this.#loops.set(name, label);
    }
    return label;
  }

  #stop(message: Operand, result: Operand): void {
    const { emit } = this.#context;
    const { failed } = this.#ending;
    if (this.#nextUndo) {
      emit.jump(this.#nextUndo);
      return;
    }
    emit.move(failed.message, message);
    emit.move(failed.result, result);
    emit.jump(this.#unwindLabel());
  }

  #raise({ step, errno }: Extract<Step, { kind: 'raise' }>): void {
    const { emit } = this.#context;
    const result = emit.cell('raised');
    emit.compute('sub', result, 0, errno);
    this.#stop(step, result);
  }

  #undo(body: readonly Step[]): void {
    const { emit } = this.#context;
    const reached = this.#nested ? emit.cell('reached') : undefined;
    if (reached) emit.move(reached, 1);
    this.#undos.push({ body, reached, label: emit.label(`${this.#ending.name} unwinds`) });
  }

  #unwindLabel(): Label {
    return this.#stopped ?? this.#undos.at(-1)?.label ?? this.#ending.label;
  }

  #unwind(): void {
    const { emit } = this.#context;
    this.#undoing = true;
    for (const { body, reached, label } of this.#undos.toReversed()) {
      const before = emit.label('unreached');
      emit.place(label);
      if (reached) emit.branch(reached, 'eq', 0, before);
      this.#nextUndo = before;
      this.#steps(body);
      emit.place(before);
    }
  }
}

/** Ends the process: a seccomp filter may deny even that, and then a fault does it. */
export function exit(emit: Emitter, status: number): void {
  emit.syscall('exit_group', [status], emit.cell('exit'));
  const nowhere = 0;
  emit.load(emit.cell('fault'), nowhere, 0, 1);
}
