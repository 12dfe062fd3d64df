export { findFilterIssues, findProfileIssues } from './checks/seccomp.ts';
export { IdMapping } from './config/common.ts';
export { Config } from './config/config.ts';
export { Hook, Hooks } from './config/hooks.ts';
export { BlockIO, ThrottleDevice, WeightDevice } from './config/linux/block-io.ts';
export { Device, DeviceCgroup, DeviceType } from './config/linux/devices.ts';
export { IntelRdt } from './config/linux/intel-rdt.ts';
export { Linux, RootfsPropagation } from './config/linux/linux.ts';
export { MemoryPolicy, MemoryPolicyFlag, MemoryPolicyMode } from './config/linux/memory-policy.ts';
export {
  Namespace,
  NamespaceType,
  NetDevice,
  TimeOffset,
  TimeOffsets,
} from './config/linux/namespaces.ts';
export { Personality, PersonalityDomain } from './config/linux/personality.ts';
export {
  CPU,
  HugepageLimit,
  InterfacePriority,
  Memory,
  Network,
  Pids,
  Rdma,
  Resources,
} from './config/linux/resources.ts';
export {
  Seccomp,
  SeccompAction,
  SeccompArch,
  SeccompArg,
  SeccompFlag,
  SeccompOperator,
  SeccompSyscall,
} from './config/linux/seccomp.ts';
export { Mount } from './config/mounts.ts';
export { type Int64, toInt64, toUint64 } from './config/numbers.ts';
export { Capabilities, ConsoleSize, Process, Rlimit, User } from './config/process.ts';
export { Root } from './config/root.ts';
export {
  ExecCPUAffinity,
  IOPriority,
  IOPriorityClass,
  Scheduler,
  SchedulerFlag,
  SchedulerPolicy,
} from './config/scheduling.ts';
export { type DefaultConfigOptions, defaultConfig, ociVersion } from './defaults.ts';
export { elsewhere, type Issue, SpecError } from './errors.ts';
export { CgroupFeatures, Features, LinuxFeatures, SeccompFeatures } from './features.ts';
export { parseJson } from './json/parse.ts';
export { JsonSyntaxError } from './json/syntax-error.ts';
export { numberRange, numberRanges } from './number-ranges.ts';
export {
  checkConfig,
  checkProcess,
  type ExaminedConfig,
  examineConfig,
  parseConfig,
  parseDocument,
  parseFeatures,
  parseProcess,
  parseResources,
  parseSeccomp,
  parseState,
} from './parse.ts';
export { member } from './paths.ts';
export { type RunnableConfig, type RunnableProcess, requireRunnable } from './runnable.ts';
export { ContainerProcessState, State, Status } from './state.ts';
