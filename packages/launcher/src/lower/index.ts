import type { Assembly } from '../instructions.ts';
import type { Program } from '../program.ts';
import { usedCells } from '../used-cells.ts';
import { Arguments } from './arguments.ts';
import { Emitter } from './emitter.ts';
import { LaneLowering } from './lane.ts';
import { Messages } from './messages.ts';
import { lowerParameters } from './parameters.ts';
import { lowerReport } from './report.ts';
import { Writer } from './writer.ts';

/** Turns a program into portable instructions: parameters, lanes in order, then error paths. */
export function lower(program: Program): Assembly {
  const emit = new Emitter(program.cells);
  const writer = new Writer(emit);
  const args = new Arguments(emit, writer, program.parameters);
  const messages = new Messages(emit, writer, args, program.parameters);
  const failed = {
    label: emit.label('failed'),
    message: emit.cell('failed message'),
    errno: emit.cell('failed errno'),
  };
  const lanes = new Map(program.lanes.map(({ name }) => [name, emit.label(name)]));
  const used = usedCells(program);
  const unused = emit.cell('unused');
  const log = program.log?.file;
  const context = { emit, writer, args, messages, failed, lanes, used, unused, log };
  lowerParameters(emit, args, program.name, program.parameters);
  for (const lane of program.lanes) {
    const start = lanes.get(lane.name);
    if (start) emit.place(start);
    new LaneLowering(context, lane).lower();
  }
  lowerReport(emit, writer, args, messages, program, failed);
  writer.finish();
  return emit.finish();
}
