import { type Command, CommanderError } from 'commander';
import { explain } from '../log/explain.ts';
import { normalizeFlags } from './flags.ts';
import { readGlobals, readLogOptions } from './globals.ts';
import { BrokenPipe, type Io } from './io.ts';
import { createProgram } from './program.ts';
import { type Environment, Session } from './session.ts';
import { UsageError } from './usage.ts';

/** What a shell reports for a program that wrote to a pipe without a reader. */
const brokenPipeStatus = 128 + 13;

/** Runs one command line, without the program's name. @returns the exit status. */
export async function run(args: readonly string[], environment: Environment): Promise<number> {
  let session: Session | undefined;
  const program = createProgram(
    args,
    () => {
      session ??= new Session(readGlobals(program), environment);
      return session;
    },
    (text) => environment.io.stdout(text),
  );
  try {
    await parse(program, args, environment.io);
    return 0;
  } catch (error) {
    if (error instanceof BrokenPipe) return brokenPipeStatus;
    report(error, () => session ?? new Session(readLogOptions(program), environment), environment);
    return error instanceof UsageError ? error.exitCode : 1;
  }
}

async function parse(program: Command, args: readonly string[], io: Io): Promise<void> {
  try {
    await program.parseAsync(normalizeFlags(program, args), { from: 'user' });
  } catch (error) {
    // It has shown help or the version. Help for want of a command it calls an error; runc does not.
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.help') io.stdout(mentionedIn(program).helpInformation());
  }
}

/** A command that needs one of its own after it, else the program itself. */
function mentionedIn(program: Command): Command {
  return program.commands.find((command) => command.name() === program.args[0]) ?? program;
}

function report(error: unknown, session: () => Session, { io }: Environment): void {
  try {
    const { log } = session();
    log.error(explain(error));
    if (error instanceof Error && !(error instanceof UsageError)) log.debug(error.stack ?? '');
  } catch (logError) {
    // The log file cannot be written: that is told too, and both plainly.
    io.stderr(`ocirun: ${explain(error)}\n`);
    if (explain(logError) !== explain(error)) io.stderr(`ocirun: ${explain(logError)}\n`);
  }
}
