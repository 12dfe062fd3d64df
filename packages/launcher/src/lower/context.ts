import type { Cell, Parameter } from '@oci/kernel';
import type { Label } from '../instructions.ts';
import type { RoutineProgram } from '../program.ts';
import type { Arguments } from './arguments.ts';
import type { Emitter } from './emitter.ts';
import type { Messages } from './messages.ts';
import type { Writer } from './writer.ts';

/** What went wrong: the number of a message, and `-errno`, 0 where the message says it all. */
export interface Failed {
  readonly message: Cell;
  readonly result: Cell;
}

/** What all lanes and routines share. */
export interface Context {
  readonly emit: Emitter;
  readonly writer: Writer;
  readonly args: Arguments;
  readonly messages: Messages;
  /** What a lane ends with, and where that is told. */
  readonly failed: Failed & { readonly label: Label };
  /** What a routine ended with: its message is 0 where it did not fail. */
  readonly raised: Failed;
  /** The results that something reads. */
  readonly used: ReadonlySet<Cell>;
  /** Takes the others. */
  readonly unused: Cell;
  /** The parameter that names the log. */
  readonly log: Parameter | undefined;
  /** Where each lane starts. */
  readonly lanes: ReadonlyMap<string, Label>;
  /** Where each routine starts. */
  readonly routines: ReadonlyMap<RoutineProgram, Label>;
}
