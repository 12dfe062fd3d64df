import type { Operator } from '@oci/kernel';
import type { Arithmetic, Operand } from '../instructions.ts';
import type { Step } from '../program.ts';
import type { Context } from './context.ts';

type Of<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;

/** The steps that move and compute, and cannot fail. */
export type DataStep = Of<'compute' | 'set' | 'load' | 'store' | 'given' | 'timestamp' | 'text'>;

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

export function lowerData(context: Context, step: DataStep): void {
  const { emit, args, writer } = context;
  switch (step.kind) {
    case 'compute':
      emit.compute(operations[step.operator], step.to, step.left, step.right);
      break;
    case 'set':
      emit.move(step.to, step.value);
      break;
    case 'load':
      emit.load(step.to, ...place(context, step), step.width);
      break;
    case 'store':
      emit.store(step.value, ...place(context, step), step.width);
      break;
    case 'given':
      emit.move(step.to, args.parameter(step.parameter));
      break;
    case 'timestamp':
      writer.start(args.region(step.memory));
      writer.timestamp();
      writer.end();
      break;
    case 'text':
      writer.start(args.region(step.memory));
      args.append(step.text);
      writer.end();
      break;
  }
}

/** A base, and an offset that an instruction can hold. */
function place(
  { emit, args }: Context,
  { memory, offset, width }: Of<'load' | 'store'>,
): readonly [base: Operand, offset: number] {
  const address = args.region(memory);
  if (typeof offset === 'number') {
    if (offset < 0 || offset + width > memory.size)
      throw new RangeError(`${memory.name} has no ${width} bytes at ${offset}`);
    return [address, offset];
  }
  const base = emit.cell('base');
  emit.compute('add', base, address, args.operand(offset));
  return [base, 0];
}
