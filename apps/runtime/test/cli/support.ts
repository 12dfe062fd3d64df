import type { Engine } from '../../src/cli/engine.ts';
import { BrokenPipe } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';
import type { Compiled, CompileOptions } from '../../src/compile.ts';
import type { LauncherCache } from '../../src/launcher-cache.ts';
import type { StoreOptions } from '../../src/store/store.ts';
import { FakeKernel } from '../store/support.ts';

/** Stands for the compiler and the launcher: notes what it is asked for. */
export class FakeEngine implements Engine {
  readonly compiled: CompileOptions[] = [];
  readonly launched: { args: readonly string[]; preserveFds: number }[] = [];
  readonly launcher = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46);
  warnings: string[] = [];
  /** Thrown instead of compiling. */
  error: Error | undefined;

  compileBundle: Engine['compileBundle'] = async (options) => {
    this.compiled.push(options);
    if (this.error) throw this.error;
    const program = {} as Compiled['program'];
    return { launcher: this.launcher, program, warnings: this.warnings };
  };

  describeProgram: Engine['describeProgram'] = async () => 'host:\n  clone3';

  // The real one never returns; its caller must not count on more.
  become: Engine['become'] = async (_launcher, args, preserveFds) => {
    this.launched.push({ args, preserveFds });
  };
}

export interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class FakeWorld {
  readonly engine = new FakeEngine();
  readonly kernel = new FakeKernel();
  cache: LauncherCache | undefined;
  /** Where containers are looked up; on this host unless told otherwise. */
  host: StoreOptions | undefined;
  /** Nobody reads the standard output. */
  closed = false;
  /** Told of all that is printed. */
  onPrint: (text: string) => void = () => undefined;

  async run(...args: string[]): Promise<Result> {
    let stdout = '';
    let stderr = '';
    const io = {
      stdout: (text: string) => {
        if (this.closed) throw new BrokenPipe();
        stdout += text;
        this.onPrint(text);
      },
      stderr: (text: string) => {
        stderr += text;
      },
      now: () => new Date('2026-11-21T10:00:00.987Z'),
    };
    const status = await run(args, {
      io,
      engine: this.engine,
      build: 'test',
      ...(this.cache && { cache: this.cache }),
      ...(this.host && { host: this.host }),
      loadKernel: async () => this.kernel,
    });
    return { status, stdout, stderr };
  }
}
