import { Command } from 'commander';
import type { AddCommand } from './commands/command.ts';
import { addCompile } from './commands/compile.ts';
import { addCreate } from './commands/create.ts';
import { addDelete } from './commands/delete.ts';
import { addEvents } from './commands/events.ts';
import { addFeatures } from './commands/features.ts';
import { addKill } from './commands/kill.ts';
import { addList } from './commands/list.ts';
import { addPause, addResume } from './commands/pause.ts';
import { addPlan } from './commands/plan.ts';
import { addPs } from './commands/ps.ts';
import { addRun } from './commands/run.ts';
import { addSeccomp } from './commands/seccomp.ts';
import { addSpec } from './commands/spec.ts';
import { addStart } from './commands/start.ts';
import { addState } from './commands/state.ts';
import { addUpdate } from './commands/update.ts';
import { addGlobalOptions } from './globals.ts';
import type { Session } from './session.ts';
import { usageError } from './usage.ts';
import { versionText } from './version.ts';

const commands: Readonly<Record<string, AddCommand>> = {
  create: addCreate,
  start: addStart,
  state: addState,
  kill: addKill,
  delete: addDelete,
  run: addRun,
  list: addList,
  ps: addPs,
  events: addEvents,
  pause: addPause,
  resume: addResume,
  update: addUpdate,
  spec: addSpec,
  features: addFeatures,
  seccomp: addSeccomp,
  compile: addCompile,
  plan: addPlan,
};

/** What commander throws when it has shown help or the version: no errors. */
const shown: readonly string[] = ['commander.version', 'commander.helpDisplayed', 'commander.help'];

/**
 * The command line that `args` are parsed with. Whoever parses catches UsageError.
 *
 * Setting a command up takes time, so commands that the arguments do not name are left out, unless
 * they name none: then the user has to be told of all.
 */
export function createProgram(
  args: readonly string[],
  session: () => Session,
  print: (text: string) => void,
): Command {
  const program = new Command('ocirun')
    .description('Open Container Initiative runtime: compiles each start into a native launcher')
    .version(versionText(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .enablePositionalOptions()
    .configureOutput({ writeOut: print, writeErr: () => undefined })
    .helpCommand('help [command]', 'show help for a command');
  addGlobalOptions(program);
  for (const add of mentioned(args)) add(program, session);
  for (const command of withSubcommands(program)) {
    command.exitOverride((error) => {
      throw shown.includes(error.code) ? error : usageError(command, error);
    });
  }
  return program;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function mentioned(args: readonly string[]): AddCommand[] {
  const asksForHelp = args.includes('help');
  const named = Object.entries(commands).filter(([name]) => args.includes(name));
  return (asksForHelp || named.length === 0 ? Object.entries(commands) : named).map(
    ([, add]) => add,
  );
}
