import { type Argument, Cell, Parameter, Struct, Template, Vector } from '@oci/kernel';
import type { Program, Step } from './program.ts';

/** The cells that some step of any lane or routine reads: the results that matter. */
export function usedCells({ lanes, routines }: Program): ReadonlySet<Cell> {
  const used = new Set<Cell>();
  for (const { steps, reporting } of lanes) {
    visitAll(steps, used);
    if (reporting.by !== 'message') read(reporting.fd, used);
  }
  for (const { steps, result } of routines) {
    visitAll(steps, used);
    if (result !== undefined) read(result, used);
  }
  return used;
}

function visitAll(steps: readonly Step[], used: Set<Cell>): void {
  for (const step of steps) visit(step, used);
}

function visit(step: Step, used: Set<Cell>): void {
  const reads = (...args: Argument[]) => {
    for (const argument of args) read(argument, used);
  };
  switch (step.kind) {
    case 'call':
    case 'spawn':
      reads(...step.args);
      break;
    case 'vfork':
      reads(...step.args);
      visitAll(step.body, used);
      break;
    case 'write':
      reads(step.fd, step.text);
      break;
    case 'fail':
      reads(step.message);
      break;
    case 'when':
      reads(step.condition.left, step.condition.right);
      visitAll(step.body, used);
      visitAll(step.otherwise, used);
      break;
    case 'attempt':
      visitAll(step.body, used);
      visitAll(step.otherwise, used);
      break;
    case 'loop':
    case 'undo':
      visitAll(step.body, used);
      break;
    case 'run':
      reads(...step.inputs);
      break;
    case 'text':
      reads(step.text);
      break;
    case 'compute':
      reads(step.left, step.right);
      break;
    case 'set':
      reads(step.value);
      break;
    case 'load':
      reads(step.offset);
      break;
    case 'store':
      reads(step.offset, step.value);
      break;
    case 'raise':
      reads(step.step, step.errno);
      break;
    case 'leave':
    case 'timestamp':
    case 'given':
      break;
  }
}

function read(argument: Argument, used: Set<Cell>): void {
  if (argument instanceof Cell) used.add(argument);
  else if (argument instanceof Struct) for (const { value } of argument.fields) read(value, used);
  else if (argument instanceof Vector) for (const item of argument.items) read(item, used);
  else if (argument instanceof Template)
    for (const part of argument.parts)
      if (!(part instanceof Parameter) && typeof part !== 'string') read(part, used);
}
