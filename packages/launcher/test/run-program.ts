import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Architecture, Parameter } from '@oci/kernel';
import { assemble, type LogFormat, lower, Recorder } from '@oci/launcher';

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Records, assembles and runs a program; foreign architectures run under qemu's user emulation. */
export class Runner {
  readonly #architecture: Architecture;
  readonly #directory = mkdtempSync(join(tmpdir(), 'launcher-'));

  constructor(architecture: Architecture) {
    this.#architecture = architecture;
  }

  run(
    body: (k: Recorder) => void,
    args: readonly string[] = [],
    parameters: readonly Parameter[] = [],
    log?: { readonly file: Parameter; readonly format: LogFormat },
  ): Outcome {
    const k = new Recorder({
      name: 'program',
      architecture: this.#architecture,
      parameters,
      ...(log && { log }),
    });
    body(k);
    const file = join(this.#directory, 'program');
    writeFileSync(file, assemble(lower(k.program), this.#architecture), { mode: 0o755 });
    const foreign = this.#architecture === 'aarch64' && process.arch !== 'arm64';
    const command = foreign ? ['qemu-aarch64-static', file, ...args] : [file, ...args];
    const { error, status, stdout, stderr } = spawnSync(command[0] ?? file, command.slice(1), {
      encoding: 'utf8',
    });
    if (error) {
      throw new Error(
        'cannot run the program; Debian has qemu-aarch64-static in qemu-user-static',
        {
          cause: error,
        },
      );
    }
    return { status, stdout, stderr };
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true });
  }
}
