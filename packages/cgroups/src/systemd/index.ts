export { busSocket, type Environment } from './bus.ts';
export { checkSystemd } from './check.ts';
export {
  managerCgroup,
  type RunningUnit,
  removeUnit,
  type UnitUpdate,
  updateUnit,
} from './commands.ts';
export { type SystemdContext, systemdStages } from './stages.ts';
export { type SystemdInstance, type SystemdUnit, systemdUnit, unitCgroup } from './unit.ts';
