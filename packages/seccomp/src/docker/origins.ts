/** Where in a document the parts of what was made of it come from, by JSON path. */
export class Origins {
  readonly #known = new Map<string, string>();

  /** Notes where a part comes from, and with it all that is within. */
  note(part: string, origin: string): void {
    this.#known.set(part, origin);
  }

  /** The path in the document: `syscalls[7].names[0]` of what is now `syscalls[2].names[0]`. */
  of(path: string): string {
    for (let end = path.length; end > 0; end = lastStep(path, end)) {
      const origin = this.#known.get(path.slice(0, end));
      if (origin !== undefined) return origin + path.slice(end);
    }
    return path;
  }
}

/** Where the last key or index of a path's first `end` characters begins. */
function lastStep(path: string, end: number): number {
  return Math.max(path.lastIndexOf('.', end - 1), path.lastIndexOf('[', end - 1));
}
