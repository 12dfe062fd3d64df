import { parseArgs } from 'node:util';

export const usage = `npm run test:vm -- [options] [vitest's filters and options]
npm run test:vm -- [options] --run 'shell command'

Boots the test machine and runs the integration tests in it, or one command.

  --run COMMAND     run this instead of the tests, in the root of the workspace
  --timeout SEC     give up after so many seconds (900)
  --append ARGS     more arguments for the kernel, such as systemd.unified_cgroup_hierarchy=0
  --no-build        run the tests on what is built already
  --reports DIR     where the console's log and the tests' report are put (test/reports/vm)
  --help            this text

What the command or the tests write into the workspace stays in the machine; what they write
to $VM_REPORTS is brought back.`;

export interface Options {
  readonly help: boolean;
  /** A shell command; the tests if undefined. */
  readonly run: string | undefined;
  /** Filters and options for vitest, in the order given. */
  readonly vitest: readonly string[];
  readonly timeoutSeconds: number;
  readonly append: string;
  readonly reports: string | undefined;
  readonly build: boolean;
}

const own = {
  run: { type: 'string' },
  timeout: { type: 'string', default: '900' },
  append: { type: 'string', default: '' },
  reports: { type: 'string' },
  'no-build': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @throws Error when an option of ours has no value or a wrong one; all others are vitest's */
export function parseOptions(args: readonly string[]): Options {
  const { tokens } = parseArgs({
    args: [...args],
    options: own,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, string>();
  const vitest: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') vitest.push(token.value);
    else if (token.kind === 'option' && token.name in own)
      given.set(token.name, checkedValue(token.name as keyof typeof own, token.value));
    else if (token.kind === 'option')
      vitest.push(token.inlineValue ? `${token.rawName}=${token.value}` : token.rawName);
  }
  const run = given.get('run');
  if (run !== undefined && vitest.length > 0)
    throw new Error(`with --run nothing else is run: ${vitest.join(' ')}`);
  return {
    help: given.has('help'),
    run,
    vitest,
    timeoutSeconds: seconds(given.get('timeout') ?? own.timeout.default),
    append: given.get('append') ?? own.append.default,
    reports: given.get('reports'),
    build: !given.has('no-build'),
  };
}

function checkedValue(name: keyof typeof own, value: string | undefined): string {
  if (own[name].type === 'boolean') return '';
  if (value === undefined) throw new Error(`--${name} needs a value`);
  return value;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--timeout ${text}: not a number of seconds`);
  return value;
}
