/** `a.{b,c}` stands for `a.b` and `a.c`, as in a shell. */
export function expandBraces(text: string): string[] {
  const [, before = '', names, after = ''] = /^(.*?)\{(.*?)\}(.*)$/.exec(text) ?? [];
  if (names === undefined) return [text];
  return names.split(',').flatMap((name) => expandBraces(`${before}${name}${after}`));
}
