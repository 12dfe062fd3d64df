import * as z from 'zod/mini';
import { optionalStringMap, optionalStrings } from './config/common.ts';
import { int32 } from './config/numbers.ts';

/** runtime.md, "State", and `paused`, the state that runc and crun add to it. */
export const Status = z.enum(['creating', 'created', 'running', 'stopped', 'paused']);
export type Status = z.infer<typeof Status>;

/** runtime.md, "State". */
export const State = z.object({
  ociVersion: z.string(),
  id: z.string(),
  status: Status,
  pid: z.optional(int32),
  bundle: z.string(),
  annotations: optionalStringMap,
});
export type State = z.infer<typeof State>;

/** config-linux.md, "The Container Process State": what a seccomp agent is sent. */
export const ContainerProcessState = z.object({
  ociVersion: z.string(),
  fds: optionalStrings,
  pid: int32,
  metadata: z.optional(z.string()),
  state: State,
});
export type ContainerProcessState = z.infer<typeof ContainerProcessState>;
