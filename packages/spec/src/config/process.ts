import * as z from 'zod/mini';
import { optionalBoolean, optionalString, optionalStrings } from './common.ts';
import { optionalInt32, optionalUint32, uint32, uint64 } from './numbers.ts';
import { ExecCPUAffinity, IOPriority, Scheduler } from './scheduling.ts';

/** config.md, "Process", consoleSize: in characters. */
export const ConsoleSize = z.object({ height: uint64, width: uint64 });
export type ConsoleSize = z.infer<typeof ConsoleSize>;

/** config.md, "POSIX-platform User". Absent ids are 0, as in the JSON schema. */
export const User = z.object({
  uid: optionalUint32,
  gid: optionalUint32,
  umask: optionalUint32,
  additionalGids: z.optional(z.array(uint32)),
  username: optionalString,
});
export type User = z.infer<typeof User>;

/** config.md, "Linux Process", capabilities: any name; a runtime warns about those it does not know. */
export const Capabilities = z.object({
  bounding: optionalStrings,
  effective: optionalStrings,
  permitted: optionalStrings,
  inheritable: optionalStrings,
  ambient: optionalStrings,
});
export type Capabilities = z.infer<typeof Capabilities>;

/** config.md, "POSIX process", rlimits. */
export const Rlimit = z.object({ type: z.string(), hard: uint64, soft: uint64 });
export type Rlimit = z.infer<typeof Rlimit>;

/** config.md, "Process". */
export const Process = z.object({
  terminal: optionalBoolean,
  consoleSize: z.optional(ConsoleSize),
  user: z.optional(User),
  args: optionalStrings,
  commandLine: optionalString,
  env: optionalStrings,
  cwd: z.string(),
  capabilities: z.optional(Capabilities),
  rlimits: z.optional(z.array(Rlimit)),
  noNewPrivileges: optionalBoolean,
  apparmorProfile: optionalString,
  selinuxLabel: optionalString,
  oomScoreAdj: optionalInt32,
  scheduler: z.optional(Scheduler),
  ioPriority: z.optional(IOPriority),
  execCPUAffinity: z.optional(ExecCPUAffinity),
});
export type Process = z.infer<typeof Process>;
