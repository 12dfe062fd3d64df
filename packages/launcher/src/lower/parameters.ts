import type { Cell, Parameter } from '@oci/kernel';
import type { Label } from '../instructions.ts';
import type { Arguments } from './arguments.ts';
import type { Emitter } from './emitter.ts';

const LONGEST_PATH = 4095;

/**
 * Reads the command line at the start of a launcher: `--name value` for each parameter and the
 * positional ones in order; checks their characters and lengths. Anything else is refused with one
 * line and exit code 1, before a step has run.
 */
export function lowerParameters(
  emit: Emitter,
  args: Arguments,
  program: string,
  parameters: readonly Parameter[],
): void {
  const stack = emit.cell('stack');
  const argument = emit.cell('argument');
  const byte = emit.cell('byte');
  emit.entry(stack);
  const known = withCells(args, parameters);
  for (const { options, cell } of known)
    if (options.fallback !== undefined) emit.move(cell, emit.string(options.fallback));

  const positional = known.filter(({ options }) => options.positional);
  const named = known.filter(({ options }) => !options.positional);
  const usage = usageLine(program, parameters);
  const help = emit.label('help');
  const misused = emit.label('misused');

  const next = emit.label('next argument');
  const ends = emit.label('arguments end');
  const option = emit.label('option');
  emit.add(stack, 8); // argc is not needed: NULL ends argv.
  emit.place(next);
  emit.add(stack, 8);
  emit.load(argument, stack, 0, 8);
  emit.branch(argument, 'eq', 0, ends);
  emit.load(byte, argument, 0, 1);
  emit.branch(byte, 'eq', 0x2d, option);
  for (const { cell } of positional) {
    const taken = emit.label('taken');
    emit.branch(cell, 'ne', 0, taken);
    emit.move(cell, argument);
    emit.jump(next);
    emit.place(taken);
  }
  emit.jump(misused);

  emit.place(option);
  for (const { name, cell, options } of named) {
    const other = emit.label('other option');
    unlessEqual(emit, argument, `--${name}`, byte, other);
    if (options.refusal !== undefined) {
      stop(emit, 2, `${program}: ${options.refusal}\n`, 1);
      emit.place(other);
      continue;
    }
    emit.add(stack, 8);
    emit.load(cell, stack, 0, 8);
    emit.branch(cell, 'eq', 0, misused);
    emit.jump(next);
    emit.place(other);
  }
  const unknown = emit.label('unknown option');
  unlessEqual(emit, argument, '--help', byte, unknown);
  emit.jump(help);
  emit.place(unknown);
  emit.jump(misused);

  emit.place(help);
  stop(emit, 1, `${usage}\n`, 0);
  emit.place(misused);
  stop(emit, 2, `${program}: ${usage}\n`, 1);

  emit.place(ends);
  for (const { cell } of positional) emit.branch(cell, 'eq', 0, misused);
  for (const parameter of known)
    if (parameter.options.refusal === undefined) check(emit, program, parameter);
}

type Known = Pick<Parameter, 'name' | 'options'> & { readonly cell: Cell };

function withCells(args: Arguments, parameters: readonly Parameter[]): Known[] {
  return parameters.map((parameter) => ({
    name: parameter.name,
    options: parameter.options,
    cell: args.parameter(parameter),
  }));
}

function usageLine(program: string, parameters: readonly Parameter[]): string {
  const taken = parameters.filter(({ options }) => options.refusal === undefined);
  const words = taken.map(({ name, options }) =>
    options.positional ? name.toUpperCase() : `[--${name} ${name.toUpperCase()}]`,
  );
  return `usage: ${[program, ...words].join(' ')}`;
}

/** Goes to `other` unless the string at `text` is `expected`. */
function unlessEqual(emit: Emitter, text: Cell, expected: string, byte: Cell, other: Label): void {
  // Byte by byte, so that nothing behind the NUL is read.
  for (const [offset, code] of [...Buffer.from(`${expected}\0`)].entries()) {
    emit.load(byte, text, offset, 1);
    emit.branch(byte, 'ne', code, other);
  }
}

/** Refuses a parameter that is empty, too long, or has characters that it may not have. */
function check(emit: Emitter, program: string, { name, cell, options }: Known): void {
  const [at, byte, left] = [emit.cell('at'), emit.cell('byte'), emit.cell('left')];
  const good = emit.label(`${name} is good`);
  const bad = emit.label(`${name} is bad`);
  const next = emit.label(`next of ${name}`);
  const end = emit.label(`end of ${name}`);
  if (!options.positional) emit.branch(cell, 'eq', 0, good);
  emit.move(at, cell);
  emit.move(left, options.longest ?? LONGEST_PATH);
  emit.load(byte, at, 0, 1);
  emit.branch(byte, 'eq', 0, bad);
  emit.place(next);
  emit.load(byte, at, 0, 1);
  emit.branch(byte, 'eq', 0, end);
  emit.branch(left, 'eq', 0, bad);
  emit.compute('sub', left, left, 1);
  emit.add(at, 1);
  if (options.characters === undefined) emit.jump(next);
  else {
    const allowed = new Uint8Array(256);
    for (const code of Buffer.from(options.characters)) allowed[code] = 1;
    emit.add(byte, emit.constant(allowed));
    emit.load(byte, byte, 0, 1);
    emit.branch(byte, 'ne', 0, next);
  }
  emit.place(bad);
  stop(emit, 2, `${program}: invalid ${name}\n`, 1);
  emit.place(end);
  if (options.characters !== undefined) {
    for (const dots of ['.', '..']) {
      const other = emit.label('not dots');
      unlessEqual(emit, cell, dots, byte, other);
      emit.jump(bad);
      emit.place(other);
    }
  }
  emit.place(good);
}

function stop(emit: Emitter, fd: number, message: string, status: number): void {
  const ignored = emit.cell('stop');
  emit.syscall('write', [fd, emit.string(message), Buffer.byteLength(message)], ignored);
  emit.syscall('exit_group', [status], ignored);
}
