export { allowsCall } from './allows.ts';
export { checkLoading } from './check.ts';
export { filterFlags } from './flags.ts';
export type { Agent, AgentState } from './notify.ts';
export { type LoadableProfile, loadFilter, seccompStages } from './stages.ts';
