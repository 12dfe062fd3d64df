export { cgroupNamespaceStages } from './cgroup-namespace.ts';
export { checkNamespaces } from './check.ts';
export { cloneFlags } from './clone-flags.ts';
export type { NamespaceContext } from './context.ts';
export { hostnameStages } from './hostname.ts';
export { joinStages } from './join.ts';
export { loopbackStages } from './loopback.ts';
export { sysctlStages } from './sysctl.ts';
export { userMapStages } from './user-map.ts';
