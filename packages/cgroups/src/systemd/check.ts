import type { Config, Issue } from '@oci/spec';
import { checkAnnotations } from './annotations.ts';
import { checkBus, type Environment } from './bus.ts';
import { checkUnit, type SystemdInstance } from './unit.ts';

/** What keeps systemd from making the cgroup of a container, as far as can be said without it. */
export function checkSystemd(
  config: Pick<Config, 'linux' | 'annotations'>,
  id: string,
  instance: SystemdInstance,
  environment: Environment,
): Issue[] {
  return [
    ...checkUnit(config, id),
    ...checkBus(instance, environment),
    ...checkAnnotations(config),
  ];
}
