import { Parameter } from '@oci/kernel';
import type { Assembly } from '../instructions.ts';
import type { Program } from '../program.ts';
import { usedCells } from '../used-cells.ts';
import { Arguments } from './arguments.ts';
import type { Context } from './context.ts';
import { Emitter } from './emitter.ts';
import { lowerLane } from './lane.ts';
import { Messages } from './messages.ts';
import { lowerParameters } from './parameters.ts';
import { lowerReport } from './report.ts';
import { lowerRoutine } from './routine.ts';
import { Writer } from './writer.ts';

/** Turns a program into portable instructions: parameters, lanes, routines, then the report. */
export function lower(program: Program): Assembly {
  const emit = new Emitter(program.cells);
  const writer = new Writer(emit);
  const args = new Arguments(emit, writer, [...program.parameters, ...textInputs(program)]);
  const messages = new Messages(emit, writer, args, program.parameters);
  const failed = {
    label: emit.label('failed'),
    message: emit.cell('failed message'),
    result: emit.cell('failed result'),
  };
  const raised = { message: emit.cell('raised message'), result: emit.cell('raised result') };
  const lanes = new Map(program.lanes.map(({ name }) => [name, emit.label(name)]));
  const routines = new Map(program.routines.map((each) => [each, emit.label(each.name)]));
  const used = usedCells(program);
  const unused = emit.cell('unused');
  const log = program.log?.file;
  const places = { lanes, routines };
  const context: Context = {
    emit,
    writer,
    args,
    messages,
    failed,
    raised,
    used,
    unused,
    log,
    ...places,
  };
  lowerParameters(emit, args, program.name, program.parameters);
  for (const lane of program.lanes) {
    const start = lanes.get(lane.name);
    if (start) emit.place(start);
    lowerLane(context, lane);
  }
  for (const [routine, start] of routines) {
    emit.place(start);
    lowerRoutine(context, routine);
  }
  lowerReport(emit, writer, args, messages, program, failed);
  writer.finish();
  return emit.finish();
}

/** Texts that routines are given, which are known by their addresses as parameters are. */
function textInputs({ routines }: Program): Parameter[] {
  return routines.flatMap(({ inputs }) => inputs.filter((input) => input instanceof Parameter));
}
