import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failedWith } from '@oci/kernel';

/** Files of one cgroup directory. What the kernel has not, or has no more, is `undefined`. */
export class CgroupFiles {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  text(file: string): string | undefined {
    try {
      return readFileSync(join(this.directory, file), 'utf8').trim();
    } catch (error) {
      // A removed cgroup is ENODEV, a file that can only be written EINVAL; pressure that is not
      // measured is EOPNOTSUPP.
      if (failedWith(error, 'ENOENT', 'ENODEV', 'EINVAL', 'EOPNOTSUPP', 'ENOTSUP'))
        return undefined;
      throw error;
    }
  }

  /** A file with one number in it; `max` is Infinity. */
  number(file: string): number | undefined {
    const text = this.text(file);
    return text === undefined ? undefined : toNumber(text);
  }

  /** A file with a number in each line, or none. */
  numbers(file: string): number[] {
    return (this.text(file) ?? '')
      .split(/\s+/)
      .filter((word) => word !== '')
      .map(Number);
  }

  /** A file of lines such as `nr_periods 5`. */
  table(file: string): Record<string, number> {
    const lines = this.lines(file).map((line) => line.split(' '));
    return Object.fromEntries(lines.map(([key = '', value = '']) => [key, Number(value)]));
  }

  lines(file: string): string[] {
    const text = this.text(file) ?? '';
    return text === '' ? [] : text.split('\n');
  }

  /** The directories in it: the cgroups below. */
  children(): string[] {
    return this.#entries()
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(this.directory, name));
  }

  names(): string[] {
    return this.#entries().map(({ name }) => name);
  }

  #entries() {
    try {
      return readdirSync(this.directory, { withFileTypes: true });
    } catch (error) {
      if (failedWith(error, 'ENOENT')) return [];
      throw error;
    }
  }
}

function toNumber(text: string): number {
  return text === 'max' ? Number.POSITIVE_INFINITY : Number(text);
}
