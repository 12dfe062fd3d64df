export { become } from './become.ts';
export { sealedLauncher } from './memfd.ts';
export { Spawner } from './spawn.ts';
