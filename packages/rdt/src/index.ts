export { checkRdt } from './check.ts';
export { type RdtContext, type RdtPlace, RESCTRL } from './context.ts';
export { ownGroups } from './groups.ts';
export { RdtGroup, type RdtGroupOptions } from './rdt-group.ts';
export { type Allotment, parseSchema } from './schema.ts';
export { rdtStages, removeRdt } from './stages.ts';
export { type RdtStatistics, readRdtStatistics } from './statistics.ts';
