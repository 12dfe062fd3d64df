/** What a program throws by mistake, never to tell its user something. */
const mistakes: readonly unknown[] = [
  TypeError,
  RangeError,
  ReferenceError,
  SyntaxError,
  EvalError,
  URIError,
];

/** An error as one line for whoever called. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error));
  if (mistakes.includes(error.constructor)) return oneLine(`internal error: ${error.message}`);
  return oneLine(systemError(error) ?? error.message);
}

/** `open /a/b: no such file or directory` for what Node says the other way round. */
function systemError(error: Error): string | undefined {
  const { syscall, path, dest }: NodeJS.ErrnoException & { dest?: string } = error;
  const words = error.message.match(/^[A-Z0-9]+: ([^,]*)/)?.[1];
  if (syscall === undefined || words === undefined) return undefined;
  const paths = [path, dest].filter((name) => name !== undefined).join(' -> ');
  return paths === '' ? `${syscall}: ${words}` : `${syscall} ${paths}: ${words}`;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*[\r\n]+\s*/g, '; ');
}
