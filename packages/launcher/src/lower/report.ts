import { type Cell, errnoMessages } from '@oci/kernel';
import type { Address } from '../instructions.ts';
import type { LogFormat, Program } from '../program.ts';
import type { Arguments } from './arguments.ts';
import type { Context } from './context.ts';
import type { Emitter } from './emitter.ts';
import type { Messages } from './messages.ts';
import type { Writer } from './writer.ts';

/** Bytes of a line besides its message: the level, the time, the reason. */
const AROUND_BYTES = 256;
const STDERR = 2;
const O_WRONLY_CREAT_APPEND_CLOEXEC = 0o2002101;

/**
 * The end of a launcher that failed: `name: what was being done: call: why` to stderr, the same to
 * the log in its format, exit code 1.
 */
export function lowerReport(
  emit: Emitter,
  writer: Writer,
  args: Arguments,
  messages: Messages,
  program: Program,
  failed: Context['failed'],
): void {
  const line = emit.zeroed(messages.longest + AROUND_BYTES);
  const reasons = reasonTable(emit);
  const [length, result] = [emit.cell('length'), emit.cell('report')];

  const reason = () => {
    const none = emit.label('no reason');
    const pointer = emit.cell('reason');
    const known = emit.label('known reason');
    emit.branch(failed.result, 'eq', 0, none);
    writer.constant(': ');
    emit.compute('sub', pointer, 0, failed.result);
    emit.branch(pointer, 'below', reasons.size, known);
    emit.move(pointer, UNKNOWN);
    emit.place(known);
    emit.compute('mul', pointer, pointer, 8);
    emit.add(pointer, reasons.table);
    emit.load(pointer, pointer, 0, 8);
    writer.string(pointer);
    emit.place(none);
  };
  const finishLine = (fd: number | Cell) => {
    emit.compute('sub', length, writer.cursor, line);
    emit.syscall('write', [fd, line, length], result);
  };

  emit.place(failed.label);
  writer.start(line);
  writer.constant(`${program.name}: `);
  messages.append(failed.message, 'plain');
  reason();
  writer.constant('\n');
  finishLine(STDERR);

  if (program.log) {
    const exit = emit.label('exit');
    const file = args.parameter(program.log.file);
    emit.branch(file, 'eq', 0, exit);
    const fd = emit.cell('log');
    emit.syscall('openat', [-100, file, O_WRONLY_CREAT_APPEND_CLOEXEC, 0o644], fd);
    emit.branch(fd, 'lt', 0, exit);
    writer.start(line);
    const around = logLine[program.log.format];
    around.before(writer);
    messages.append(failed.message, 'quoted');
    reason();
    around.after(writer);
    finishLine(fd);
    emit.place(exit);
  }
  emit.syscall('exit_group', [1], result);
  messages.finish();
}

/** logrus's two formats, which engines read. */
const logLine: Record<LogFormat, { before(to: Writer): void; after(to: Writer): void }> = {
  json: {
    before: (to) => to.constant('{"level":"error","msg":"'),
    after: (to) => {
      to.constant('","time":"');
      to.timestamp();
      to.constant('"}\n');
    },
  },
  text: {
    before: (to) => {
      to.constant('time="');
      to.timestamp();
      to.constant('" level=error msg="');
    },
    after: (to) => to.constant('"\n'),
  },
};

/** No call fails with this number, so its place in the table is free. */
const UNKNOWN = 0;

/** Pointers to the words for each error number. The kernel has a few beyond, without names. */
function reasonTable(emit: Emitter): { readonly table: Address; readonly size: number } {
  const messages = errnoMessages();
  const highest = Math.max(...messages.map(({ number }) => number));
  const unknown = emit.string('unknown error');
  const table = emit.constant(new Uint8Array((highest + 1) * 8));
  for (let number = 0; number <= highest; number++) {
    const words = messages.find((entry) => entry.number === number)?.message;
    emit.reference(table, number * 8, words === undefined ? unknown : emit.string(words));
  }
  return { table, size: highest + 1 };
}
