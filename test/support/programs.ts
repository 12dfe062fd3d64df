import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

/** The programs in `programs/` that a test file uses, each compiled once. */
export class Programs {
  #directory = '';

  /** Compiles these before the file's tests, and removes them after. */
  static use(...names: readonly string[]): Programs {
    const programs = new Programs();
    beforeAll(() => programs.#compile(names));
    afterAll(() => rmSync(programs.#directory, { recursive: true }));
    return programs;
  }

  path(name: string): string {
    return join(this.#directory, name);
  }

  /** Puts one into a rootfs, at its top. */
  copyInto(rootfs: string, name: string): void {
    copyFileSync(this.path(name), join(rootfs, name));
  }

  #compile(names: readonly string[]): void {
    this.#directory = mkdtempSync(join(tmpdir(), 'ocirun-programs-'));
    for (const name of names) {
      const source = fileURLToPath(new URL(`../programs/${name}.c`, import.meta.url));
      execFileSync('cc', ['-O1', '-static', '-pthread', '-o', this.path(name), source]);
    }
  }
}
