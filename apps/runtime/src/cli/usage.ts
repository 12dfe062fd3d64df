import type { Command, CommanderError } from 'commander';

/** The command line makes no sense. runc exits with 3 when it does not know the command, else 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What commander says, in runc's words. */
export function usageError(command: Command, error: CommanderError): UsageError {
  switch (error.code) {
    case 'commander.unknownOption':
      return new UsageError(`flag provided but not defined: ${quoted(error).replace(/^--/, '-')}`);
    case 'commander.optionMissingArgument':
      return new UsageError(`flag needs an argument: ${lastFlag(error)}`);
    case 'commander.missingArgument':
      return new UsageError(`${argumentCount(command, 'minimum')}`);
    case 'commander.excessArguments':
      return new UsageError(`${argumentCount(command, 'maximum')}`);
    case 'commander.unknownCommand':
      return new UsageError(`No help topic for '${quoted(error)}'`, 3);
    default:
      return new UsageError(error.message.replace(/^error: /, ''));
  }
}

/** The first thing that commander puts in quotes. */
function quoted({ message }: CommanderError): string {
  return message.match(/'([^']*)'/)?.[1] ?? message;
}

/** `-root` of `option '--root <dir>' argument missing`. */
function lastFlag(error: CommanderError): string {
  return (
    quoted(error)
      .match(/-[a-z-]+(?= <|$)/)?.[0]
      .replace(/^--/, '-') ?? ''
  );
}

function argumentCount(command: Command, bound: 'minimum' | 'maximum'): string {
  const args = command.registeredArguments;
  const least = args.filter((argument) => argument.required).length;
  const most = args.length;
  const how = least === most ? 'exactly' : `a ${bound} of`;
  const count = bound === 'minimum' ? least : most;
  return `"${command.name()}" requires ${how} ${count} argument(s)`;
}
