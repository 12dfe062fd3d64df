import * as z from 'zod/mini';
import { optionalString, optionalStringMap } from './common.ts';
import { Hooks } from './hooks.ts';
import { Linux } from './linux/linux.ts';
import { Mount } from './mounts.ts';
import { Process } from './process.ts';
import { Root } from './root.ts';

/** A section of another platform: seen, so that its presence is known, but not looked into. */
const otherPlatform = z.optional(z.unknown());

/** config.md: the whole of config.json. */
export const Config = z.object({
  ociVersion: z.string(),
  process: z.optional(Process),
  root: z.optional(Root),
  hostname: optionalString,
  domainname: optionalString,
  mounts: z.optional(z.array(Mount)),
  hooks: z.optional(Hooks),
  annotations: optionalStringMap,
  linux: z.optional(Linux),
  freebsd: otherPlatform,
  solaris: otherPlatform,
  vm: otherPlatform,
  windows: otherPlatform,
  zos: otherPlatform,
});
export type Config = z.infer<typeof Config>;
