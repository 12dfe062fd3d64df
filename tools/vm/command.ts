import { type SpawnOptions, spawn } from 'node:child_process';

/** A program that we need failed, with all that it wrote. */
export class CommandFailed extends Error {}

/**
 * Runs a program to its end.
 * @param input for its standard input
 * @param signal ends it; its reason is thrown once the program has ended
 * @returns its standard output
 * @throws CommandFailed with all its output, unless it ends with status 0
 */
export async function output(
  [file = '', ...args]: readonly string[],
  { input, ...options }: SpawnOptions & { readonly input?: Uint8Array } = {},
): Promise<Buffer> {
  const child = spawn(file, args, { ...options, stdio: 'pipe' });
  const [stdout, all]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (data) => {
    stdout.push(data);
    all.push(data);
  });
  child.stderr.on('data', (data) => all.push(data));
  // It may end before it has read everything; its status then tells why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const status = await new Promise<number | string | null>((resolve, reject) => {
    let failure: unknown;
    child.on('error', (error) => {
      failure = options.signal?.aborted ? options.signal.reason : error;
      // One that was aborted still runs for a moment, one that never started won't be closed.
      if (child.pid === undefined) reject(failure);
    });
    child.on('close', (code, signal) => (failure ? reject(failure) : resolve(code ?? signal)));
  });
  if (status === 0) return Buffer.concat(stdout);
  throw new CommandFailed(
    `${[file, ...args].join(' ')} ended with ${status}\n${Buffer.concat(all)}`.trimEnd(),
  );
}
