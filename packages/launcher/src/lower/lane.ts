import {
  type Argument,
  type Cell,
  type Condition,
  MSG_NOSIGNAL,
  type Operator,
  type Parameter,
  type SyscallName,
} from '@oci/kernel';
import type { Arithmetic, Comparison, Label } from '../instructions.ts';
import type {
  CallStep,
  Failure,
  LaneProgram,
  LoopName,
  SpawnStep,
  Step,
  VforkStep,
  WriteStep,
} from '../program.ts';
import type { Arguments } from './arguments.ts';
import type { Emitter } from './emitter.ts';
import type { Messages } from './messages.ts';
import type { Writer } from './writer.ts';

const operations: Record<Operator, Arithmetic> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'rem',
  '&': 'and',
  '|': 'or',
  '<<': 'shl',
  '>>': 'shr',
};

/** The comparison that holds when the relation does not. */
const negated: Record<Condition['relation'], Comparison> = {
  '==': 'ne',
  '!=': 'eq',
  '<': 'ge',
  '<=': 'gt',
  '>': 'le',
  '>=': 'lt',
};

/** Where errors go while a part of a lane is lowered: inner handlers first. */
interface Handler {
  readonly errnos: readonly number[];
  readonly label: Label;
}

interface Undo {
  readonly body: readonly Step[];
  /** Set when an undo inside a branch was reached; one outside always is. */
  readonly reached: Cell | undefined;
  /** Runs this undo and all before it. */
  readonly label: Label;
}

type Allowed = readonly number[] | 'any';

/** All that tells apart what happens when calls fail. */
interface FailurePath {
  readonly result: Cell;
  readonly message: number;
  readonly handlers: readonly Handler[];
  readonly unwind: Label;
}

/** What all lanes share. */
export interface LaneContext {
  readonly emit: Emitter;
  readonly writer: Writer;
  readonly args: Arguments;
  readonly messages: Messages;
  /** The failure that a lane ends with. */
  readonly failed: { readonly label: Label; readonly message: Cell; readonly errno: Cell };
  /** The results that some lane reads. */
  readonly used: ReadonlySet<Cell>;
  /** Takes the others. */
  readonly unused: Cell;
  /** The parameter that names the log. */
  readonly log: Parameter | undefined;
  /** Where each lane starts. */
  readonly lanes: ReadonlyMap<string, Label>;
}

/** Lowers the steps of one lane. What happens on errors is laid out behind the straight path. */
export class LaneLowering {
  readonly #context: LaneContext;
  readonly #lane: LaneProgram;
  readonly #aside: (() => void)[] = [];
  readonly #loops = new Map<LoopName, Label>();
  readonly #undos: Undo[] = [];
  readonly #failures = new Map<number, (FailurePath & { readonly label: Label })[]>();
  readonly #report: Label;
  #handlers: readonly Handler[] = [];
  #nested = false;
  #undoing = false;
  /** Where a child that fails ends. */
  #stopped: Label | undefined;
  /** Where an undo that fails goes on: with the one before it. */
  #nextUndo: Label | undefined;

  constructor(context: LaneContext, lane: LaneProgram) {
    this.#context = context;
    this.#lane = lane;
    this.#report = context.emit.label(`${lane.name} reports`);
  }

  lower(): void {
    const { emit } = this.#context;
    this.#steps(this.#lane.steps);
    this.#exit(0);
    // Error paths may add error paths of their own.
    for (let lay = this.#aside.shift(); lay; lay = this.#aside.shift()) lay();
    this.#unwind();
    emit.place(this.#report);
    this.#reportFailure();
  }

  #steps(steps: readonly Step[]): void {
    for (const step of steps) this.#step(step);
  }

  #step(step: Step): void {
    const { emit, args, writer } = this.#context;
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
        emit.jump(this.#loopEnd(step.name));
        break;
      case 'attempt':
        this.#attempt(step);
        break;
      case 'compute':
        emit.compute(operations[step.operator], step.to, step.left, step.right);
        break;
      case 'set':
        emit.move(step.to, step.value);
        break;
      case 'load': {
        const [base, offset] = this.#place(step);
        emit.load(step.to, base, offset, step.width);
        break;
      }
      case 'store': {
        const [base, offset] = this.#place(step);
        emit.store(step.value, base, offset, step.width);
        break;
      }
      case 'timestamp':
        writer.start(args.region(step.memory));
        writer.timestamp();
        writer.end();
        break;
      case 'given':
        emit.move(step.to, args.parameter(step.parameter));
        break;
      case 'fail':
        this.#stop(this.#context.messages.number(step.doing, step.message, this.#reportsItself), 0);
        break;
      case 'raise':
        this.#stop(step.step, step.errno);
        break;
      case 'undo':
        this.#undo(step.body);
        break;
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
    const { emit, failed } = this.#context;
    const [parent, stopped] = [emit.label('parent'), emit.label('child fails')];
    const end = emit.label('after the child');
    const outcome = emit.cell('child failed');
    emit.move(outcome, 0);
    this.#call(step, 'clone3', step.args);
    emit.branch(this.#result(step.result), 'ne', 0, parent);
    this.#inChild(stopped, () => this.#steps(step.body));
    this.#exit(0);
    emit.place(stopped);
    emit.move(outcome, 1);
    this.#exit(1);
    emit.place(parent);
    if (!this.#undoing) {
      emit.branch(outcome, 'eq', 0, end);
      for (const { errnos, label } of this.#handlers)
        for (const errno of errnos) emit.branch(failed.errno, 'eq', errno, label);
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
    const { emit, messages } = this.#context;
    const failure: FailurePath = {
      result,
      message: messages.number(doing, call),
      handlers: this.#handlers,
      unwind: this.#unwindLabel(),
    };
    if (allow.length === 0) {
      emit.branch(result, 'lt', 0, this.#failureLabel(failure));
      return;
    }
    const [failed, next] = [emit.label(`${call} failed`), emit.label(`after ${call}`)];
    emit.branch(result, 'lt', 0, failed);
    emit.place(next);
    this.#aside.push(() => {
      emit.place(failed);
      for (const errno of allow) emit.branch(result, 'eq', -errno, next);
      emit.jump(this.#failureLabel(failure));
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

  /** Calls that fail alike share the code for it. */
  #failureLabel(failure: FailurePath): Label {
    const alike = this.#failures.get(failure.message) ?? [];
    const known = alike.find(
      (other) =>
        other.result === failure.result &&
        other.handlers === failure.handlers &&
        other.unwind === failure.unwind,
    );
    if (known) return known.label;
    const { emit, failed } = this.#context;
    const { result, message, handlers, unwind } = failure;
    const label = emit.label(`failure ${message}`);
    this.#failures.set(message, [...alike, { ...failure, label }]);
    this.#aside.push(() => {
      emit.place(label);
      for (const handler of handlers)
        for (const errno of handler.errnos) emit.branch(result, 'eq', -errno, handler.label);
      emit.move(failed.message, message);
      emit.compute('sub', failed.errno, 0, result);
      emit.jump(unwind);
    });
    return label;
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

  #place({ memory, offset, width }: Extract<Step, { kind: 'load' | 'store' }>) {
    const { emit, args } = this.#context;
    const address = args.region(memory);
    if (typeof offset === 'number') {
      if (offset < 0 || offset + width > memory.size)
        throw new RangeError(`${memory.name} has no ${width} bytes at ${offset}`);
      return [address, offset] as const;
    }
    const base = emit.cell('base');
    emit.compute('add', base, address, args.operand(offset));
    return [base, 0] as const;
  }

  #undo(body: readonly Step[]): void {
    const { emit } = this.#context;
    const reached = this.#nested ? emit.cell('reached') : undefined;
    if (reached) emit.move(reached, 1);
    this.#undos.push({ body, reached, label: emit.label(`${this.#lane.name} unwinds`) });
  }

  /** Another lane cannot see this one's memory. */
  get #reportsItself(): boolean {
    return this.#lane.reporting.by === 'message';
  }

  #unwindLabel(): Label {
    return this.#stopped ?? this.#undos.at(-1)?.label ?? this.#report;
  }

  #stop(message: Argument, errno: Argument): void {
    const { emit, args, failed } = this.#context;
    if (this.#nextUndo) {
      emit.jump(this.#nextUndo);
      return;
    }
    emit.move(failed.message, args.operand(message));
    emit.move(failed.errno, args.operand(errno));
    emit.jump(this.#unwindLabel());
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

  #reportFailure(): void {
    const { emit, args, failed } = this.#context;
    const { reporting } = this.#lane;
    if (reporting.by === 'message') {
      emit.jump(failed.label);
      return;
    }
    const report = emit.zeroed(16);
    emit.store(failed.message, report, 0, 8);
    emit.store(failed.errno, report, 8, 8);
    const sent = emit.cell('report');
    const nobody = emit.label('nobody reads the report');
    const fd = args.operand(reporting.fd);
    emit.syscall('sendto', [fd, report, 16, MSG_NOSIGNAL, 0, 0], sent);
    emit.branch(sent, 'lt', 0, nobody);
    this.#exit(1);
    // The log's path means something else where this lane is by now.
    emit.place(nobody);
    if (this.#context.log) emit.move(args.parameter(this.#context.log), 0);
    emit.jump(failed.label);
  }

  #exit(status: number): void {
    this.#context.emit.syscall('exit_group', [status], this.#context.emit.cell('exit'));
  }
}
