/** A place where a text stops being JSON. */
export class JsonSyntaxError extends SyntaxError {
  override readonly name = 'JsonSyntaxError';
  readonly line: number;
  readonly column: number;

  constructor(text: string, offset: number, expected: string) {
    const before = text.slice(0, offset);
    const line = before.split('\n').length;
    const column = offset - before.lastIndexOf('\n');
    super(`invalid JSON at line ${line}, column ${column}: expected ${expected}`);
    this.line = line;
    this.column = column;
  }
}
