import type { MappingTools } from './mapping-tools.ts';

/** What the runtime knows of itself before a container starts. */
export interface NamespaceContext {
  /** It has no privileges over its own user namespace, so the kernel lets it map only itself. */
  readonly rootless: boolean;
  /** Whether setgroups(2) is allowed in its user namespace: /proc/self/setgroups says allow. */
  readonly setgroups: boolean;
  /** Its effective ids. */
  readonly euid: number;
  readonly egid: number;
  /** What {@link findMappingTools} found. */
  readonly mappingTools?: MappingTools;
}
