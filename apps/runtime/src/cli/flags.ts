import type { Command, Option } from 'commander';
import { UsageError } from './usage.ts';

/**
 * Spells flags as commander reads them. runc's may also be written as Go's are: with one dash
 * (`-force`), and with a value where they need none (`--force=true`).
 *
 * @throws UsageError for a value that is neither true nor false.
 */
export function normalizeFlags(program: Command, args: readonly string[]): string[] {
  const options = new Map<string, Option>();
  for (const option of [program, ...program.commands].flatMap((command) => command.options)) {
    if (option.long) options.set(option.long.replace(/^--/, ''), option);
  }
  const end = args.indexOf('--');
  const flags = end === -1 ? args : args.slice(0, end);
  return [...flags.flatMap((flag) => normalize(flag, options)), ...args.slice(flags.length)];
}

function normalize(flag: string, options: ReadonlyMap<string, Option>): string[] {
  const [, name = '', assigned] = flag.match(/^--?([a-z][a-z-]+)(?:=(.*))?$/s) ?? [];
  if (name === 'help') return ['--help'];
  const option = options.get(name);
  if (!option) return [flag];
  if (assigned === undefined) return [`--${name}`];
  if (option.required) return [`--${name}=${assigned}`];
  if (/^(1|t|true)$/i.test(assigned)) return [`--${name}`];
  if (/^(0|f|false)$/i.test(assigned)) return [];
  throw new UsageError(
    `invalid boolean value ${JSON.stringify(assigned)} for -${name}: parse error`,
  );
}
