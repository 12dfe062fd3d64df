export { operate } from './arithmetic.ts';
export type { OpenHow } from './calls/files.ts';
export { SystemCalls } from './calls/index.ts';
export { type Architecture, Invoker } from './calls/invoker.ts';
export { type DescribeValue, describeCall } from './describe.ts';
export { makedev } from './device.ts';
export {
  type ErrnoName,
  errnoMessage,
  errnoMessages,
  errnoName,
  errnoNumber,
  isErrnoName,
} from './errno.ts';
export { failedWith, KernelError } from './errors.ts';
export { describeFlags, type FlagSet } from './flags.ts';
export * from './generated/constants.ts';
export { type SyscallName, syscalls } from './generated/syscalls.ts';
export { Kernel } from './kernel.ts';
export { Memory } from './memory.ts';
export type { Policy } from './policy.ts';
export type { Input, Routine } from './routine.ts';
export { type ArgumentKind, type ArgumentSpec, type Signature, signatures } from './signatures.ts';
export {
  type AnyProvision,
  type Category,
  type Lane,
  Provision,
  type Stage,
} from './stage.ts';
export { type Argument, type Field, Struct, Vector } from './struct.ts';
export * from './structs/bpf.ts';
export * from './structs/netlink.ts';
export * from './structs/statx.ts';
export * from './structs.ts';
export {
  type Hole,
  joinText,
  Parameter,
  Template,
  type Text,
  text,
} from './text.ts';
export {
  Cell,
  type Condition,
  compare,
  type Fd,
  type Operator,
  type Pid,
  type Relation,
  type Value,
  type Variable,
} from './values.ts';
