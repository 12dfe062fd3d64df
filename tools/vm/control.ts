/** What the guest says on its control port. */
export type Message =
  | { readonly type: 'running' }
  | { readonly type: 'exited'; readonly status: number };

/** @throws Error on a line that `guest/run` does not write */
export function parseMessage(line: string): Message {
  if (line === 'running') return { type: 'running' };
  const status = /^exited (\d+)$/.exec(line)?.[1];
  if (status === undefined) throw new Error(`the machine said: ${line}`);
  return { type: 'exited', status: Number(status) };
}
