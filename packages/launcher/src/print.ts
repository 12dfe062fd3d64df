import {
  type Architecture,
  type Argument,
  Cell,
  describeCall,
  errnoName,
  Memory,
  Parameter,
  type SyscallName,
  Template,
} from '@oci/kernel';
import { Given } from './bind.ts';
import { oneLine } from './one-line.ts';
import type { Failure, LaneProgram, Program, RunStep, Step } from './program.ts';
import { usedCells } from './used-cells.ts';

/** Writes a program for people: lane by lane, each call under what it is made for. */
export function printProgram(program: Program, architecture: Architecture): string {
  const used = usedCells(program);
  return program.lanes.map((lane) => new LanePrinter(lane, used, architecture).print()).join('\n');
}

class LanePrinter {
  readonly #lane: LaneProgram;
  readonly #architecture: Architecture;
  readonly #lines: string[] = [];
  /** Results that something reads; others are not shown. */
  readonly #used: ReadonlySet<Cell>;
  #doing: readonly string[] = [];
  /** What the routine that is printed is run for, and with. */
  #running: readonly string[] = [];
  #given = new Given();
  #depth = 1;

  constructor(lane: LaneProgram, used: ReadonlySet<Cell>, architecture: Architecture) {
    this.#lane = lane;
    this.#architecture = architecture;
    this.#used = used;
  }

  print(): string {
    this.#steps(this.#lane.steps);
    return `${[this.#lane.name, ...this.#lines].join('\n')}\n`;
  }

  #steps(steps: readonly Step[]): void {
    for (const step of steps) this.#step(step);
  }

  #step(step: Step): void {
    switch (step.kind) {
      case 'call':
        this.#call(step, this.#describe(step.call, step.args), step);
        break;
      case 'write':
        this.#call(step, this.#describe('write', [step.fd, step.text]), step);
        break;
      case 'spawn': {
        const call = this.#describe('clone3', step.args);
        this.#call(step, `${call}, whose child is the ${step.lane} lane`, step);
        break;
      }
      case 'vfork':
        this.#call(step, this.#describe('clone3', step.args), step);
        this.#block('in the child', step.body);
        break;
      case 'fail':
        this.#heading(step);
        this.#line(`fail ${this.#show(step.message)}`);
        break;
      case 'when': {
        const { left, relation, right } = step.condition;
        this.#block(`if ${this.#show(left)} ${relation} ${this.#show(right)}`, step.body);
        if (step.otherwise.length > 0) this.#block('else', step.otherwise);
        break;
      }
      case 'loop':
        this.#block('repeat', step.body);
        break;
      case 'leave':
        this.#line('leave');
        break;
      case 'attempt':
        this.#block('try', step.body);
        this.#block(`on ${step.errnos.map(errno).join(', ')}`, step.otherwise);
        break;
      case 'compute':
        this.#line(
          `${show(step.to)} = ${this.#show(step.left)} ${step.operator} ${this.#show(step.right)}`,
        );
        break;
      case 'set':
        this.#line(`${show(step.to)} = ${this.#show(step.value)}`);
        break;
      case 'load':
        this.#line(`${show(step.to)} = ${this.#place(step)}`);
        break;
      case 'store':
        this.#line(`${this.#place(step)} = ${this.#show(step.value)}`);
        break;
      case 'timestamp':
        this.#line(`${show(step.memory)} = the time now`);
        break;
      case 'given':
        this.#line(`${show(step.to)} = is --${step.parameter.name} given`);
        break;
      case 'raise':
        this.#line('fail as the other lane reported');
        break;
      case 'run':
        this.#run(step);
        break;
      case 'text':
        this.#line(`${show(step.memory)} = ${this.#show(step.text)}`);
        break;
      case 'undo':
        this.#block('should a later step fail', step.body);
        break;
    }
  }

  /** The steps of a routine, as if they were here. */
  #run({ routine, inputs, result, doing }: RunStep): void {
    const outer = [this.#running, this.#given] as const;
    const given = inputs.map((input) => this.#given.input(input));
    this.#running = [...this.#running, ...doing];
    this.#given = new Given(routine.inputs, given);
    this.#steps(routine.steps);
    const value = this.#given.value(routine.result ?? 0);
    [this.#running, this.#given] = outer;
    if (result && this.#used.has(result)) this.#line(`${show(result)} = ${show(value)}`);
  }

  #describe(call: SyscallName, args: readonly Argument[]): string {
    const given = args.map((argument) => this.#given.argument(argument));
    return describeCall(call, given, describe, this.#architecture);
  }

  #show(value: Argument): string {
    return show(this.#given.argument(value));
  }

  #call(
    failure: Failure,
    call: string,
    { result, allow = [] }: { readonly result: Cell; readonly allow?: readonly number[] | 'any' },
  ): void {
    this.#heading(failure);
    const kept = this.#used.has(result) ? `${show(result)} = ` : '';
    const allowed = allow === 'any' ? 'any error' : allow.map(errno).join(', ');
    this.#line(`${kept}${call}${allowed ? `  or ${allowed}` : ''}`);
  }

  #place({ memory, offset, width }: Extract<Step, { kind: 'load' | 'store' }>): string {
    return `${memory.name}[${this.#show(offset)}, ${width} byte${width > 1 ? 's' : ''}]`;
  }

  /** Says what the next calls are for, where that changes. */
  #heading(failure: Failure): void {
    const doing = [...this.#running, ...failure.doing];
    const same = doing.findIndex((what, index) => what !== this.#doing[index]);
    const common = same < 0 ? doing.length : same;
    doing.slice(common).forEach((what, index) => {
      this.#push(this.#depth + common + index, `# ${what}`);
    });
    this.#doing = doing;
  }

  #block(title: string, steps: readonly Step[]): void {
    const first = steps[0] && firstFailure(steps[0]);
    if (first) this.#heading(first);
    this.#line(title);
    this.#depth++;
    this.#steps(steps);
    this.#depth--;
  }

  #line(text: string): void {
    this.#push(this.#depth + this.#doing.length, text);
  }

  #push(depth: number, text: string): void {
    this.#lines.push(`${'  '.repeat(depth)}${oneLine(text)}`);
  }
}

/** What a step is made for: for choices, what is tried first. */
function firstFailure(step: Step): Failure | undefined {
  if ('doing' in step) return step;
  if (!('body' in step)) return undefined;
  for (const inner of step.body) {
    const failure = firstFailure(inner);
    if (failure) return failure;
  }
  return undefined;
}

function errno(number: number): string {
  return errnoName(number) ?? String(number);
}

function describe(value: Cell | Parameter | Memory): string {
  return value instanceof Cell ? `${value.name}.${value.index}` : value.name;
}

function show(value: Argument): string {
  if (value instanceof Cell || value instanceof Parameter || value instanceof Memory)
    return describe(value);
  if (value instanceof Template)
    return `"${value.parts.map((part) => (typeof part === 'string' ? part : `\${${describe(part)}}`)).join('')}"`;
  return typeof value === 'string' ? `"${value}"` : String(value);
}
