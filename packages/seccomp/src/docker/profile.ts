import { SeccompAction, SeccompArch, SeccompArg, SeccompFlag } from '@oci/spec';
import * as z from 'zod/mini';

const strings = z.array(z.string());

/** A rule applies where all of `includes` hold, or not where one of `excludes` does. */
const Conditions = z.object({
  /** `CAP_*` in the container's bounding set. */
  caps: z.optional(strings),
  /** Docker's own names: `amd64`, `x32`, `s390x`, … */
  arches: z.optional(strings),
  /** `4.8`: this kernel or a later one. */
  minKernel: z.optional(z.string()),
});
export type Conditions = z.infer<typeof Conditions>;

const Rule = z.object({
  name: z.optional(z.string()),
  names: z.optional(strings),
  action: SeccompAction,
  errnoRet: z.optional(z.uint32()),
  errno: z.optional(z.string()),
  args: z.optional(z.nullable(z.array(SeccompArg))),
  includes: z.optional(Conditions),
  excludes: z.optional(Conditions),
});
export type Rule = z.infer<typeof Rule>;

/**
 * Docker's profile format (https://docs.docker.com/engine/security/seccomp/), which podman, CRI-O and
 * containerd read too: one profile for all architectures, kernels and capabilities. `errno` and
 * `defaultErrno`, names of errors, are podman's own (github.com/containers/common, pkg/seccomp).
 */
export const DockerProfile = z.object({
  defaultAction: SeccompAction,
  defaultErrnoRet: z.optional(z.uint32()),
  defaultErrno: z.optional(z.string()),
  architectures: z.optional(z.nullable(z.array(SeccompArch))),
  archMap: z.optional(
    z.nullable(
      z.array(
        z.object({
          architecture: SeccompArch,
          subArchitectures: z.optional(z.nullable(z.array(SeccompArch))),
        }),
      ),
    ),
  ),
  flags: z.optional(z.array(SeccompFlag)),
  listenerPath: z.optional(z.string()),
  listenerMetadata: z.optional(z.string()),
  syscalls: z.optional(z.nullable(z.array(Rule))),
});
export type DockerProfile = z.infer<typeof DockerProfile>;
