import type { FilterCacheOptions } from '@oci/seccomp';
import type { Compiled, CompileOptions } from '../compile.ts';
import type { Sources } from '../sources.ts';

/** What compiles and starts containers: each part is loaded when it is first used. */
export interface Engine {
  compileBundle(options: CompileOptions, sources?: Sources): Promise<Compiled>;
  describeProgram(program: Compiled['program']): Promise<string>;
  /** Does not return. */
  become(launcher: Uint8Array, args: readonly string[], preserveFds: number): Promise<void>;
}

/** @param filters where compiled seccomp profiles are kept */
export function newEngine(filters: FilterCacheOptions): Engine {
  return {
    async compileBundle(options, sources) {
      const [{ compileBundle }, { FilterCache }] = await Promise.all([
        import('../compile.ts'),
        import('@oci/seccomp'),
      ]);
      return compileBundle(options, sources, new FilterCache(filters));
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
}
