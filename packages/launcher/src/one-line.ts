// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const controls = /[\x00-\x1f\x7f]/g;

/** A bundle's names may hold anything; what is shown of them stays one line, and moves no cursor. */
export function oneLine(words: string): string {
  return words.replace(controls, '?');
}
