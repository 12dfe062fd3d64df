export { checkMounts, type MountsCheckContext } from './check.ts';
export { consoleStages } from './console.ts';
export {
  type CgroupHierarchy,
  type Console,
  type ContainerCgroups,
  type MountsConfig,
  type MountsContext,
  MountsProvisions,
} from './context.ts';
export { deviceStages } from './devices.ts';
export { maskStages } from './masks.ts';
export { mountStages } from './mounts.ts';
export { type MountOption, mountOptions, type SuperblockFlag } from './option-table.ts';
export { pivotStages } from './pivot.ts';
export { rootfsStages } from './rootfs.ts';
export { sourceStages } from './sources.ts';
