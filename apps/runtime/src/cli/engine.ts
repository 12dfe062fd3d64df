import type { Compiled, CompileOptions } from '../compile.ts';
import type { Sources } from '../sources.ts';

/** What compiles and starts containers: each part is loaded when it is first used. */
export interface Engine {
  compileBundle(options: CompileOptions, sources?: Sources): Promise<Compiled>;
  describeProgram(program: Compiled['program']): Promise<string>;
  /** Does not return. */
  become(launcher: Uint8Array, args: readonly string[], preserveFds: number): Promise<void>;
}

export const engine: Engine = {
  async compileBundle(options, sources) {
    const { compileBundle } = await import('../compile.ts');
    return compileBundle(options, sources);
  },
  async describeProgram(program) {
    const { describeProgram } = await import('../compile.ts');
    return describeProgram(program);
  },
  async become(launcher, args, preserveFds) {
    const { become } = await import('../launch.ts');
    become(launcher, args, preserveFds);
  },
};
