export { badArchitecture, describeReturn, noSuchCall, returnValue } from './actions.ts';
export {
  type ArchitectureInfo,
  architecture,
  architectures,
  nativeArchitecture,
} from './architectures.ts';
export * from './cache/index.ts';
export { compareFilters, type Difference } from './compare.ts';
export { type CompiledProfile, type CompileOptions, compileFilter } from './compile.ts';
export { disassemble } from './disassemble.ts';
export * from './docker/index.ts';
export { type Explanation, explain } from './explain.ts';
export { Filter, FilterError, type Instruction, parseFilter } from './filter.ts';
export * from './load/index.ts';
export type { SkippedName } from './profile/rules.ts';
export { type Call, seccompData, type Verdict, verdict } from './simulate.ts';
export {
  isSyscallName,
  syscallName,
  syscallNames,
  syscallNumber,
  syscallsKernel,
} from './syscalls.ts';
