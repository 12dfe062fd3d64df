/** One line on stderr that says how far we are: rewritten on a terminal, else a line per tenth. */
export class Progress {
  readonly #stream = process.stderr;
  #lastTenth = -1;

  step(what: string): void {
    this.#write(what);
    if (!this.#stream.isTTY) this.#stream.write('\n');
  }

  round(done: number, all: number): void {
    if (this.#stream.isTTY) {
      this.#write(`round ${done + 1} of ${all}`);
      return;
    }
    const tenth = Math.floor((done / all) * 10);
    if (tenth === this.#lastTenth) return;
    this.#lastTenth = tenth;
    this.#stream.write(`${tenth * 10}% of ${all} rounds\n`);
  }

  clear(): void {
    this.#write('');
  }

  #write(text: string): void {
    this.#stream.write(this.#stream.isTTY ? `\r\x1b[K${text}` : text);
  }
}
