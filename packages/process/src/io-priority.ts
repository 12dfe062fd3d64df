import type { Stage } from '@oci/kernel';
import type { IOPriorityClass, RunnableConfig } from '@oci/spec';

/** include/uapi/linux/ioprio.h */
const classes: Readonly<Record<IOPriorityClass, number>> = {
  IOPRIO_CLASS_RT: 1,
  IOPRIO_CLASS_BE: 2,
  IOPRIO_CLASS_IDLE: 3,
};
const CLASS_SHIFT = 13;
const WHO_PROCESS = 1;

/**
 * config.md, "Linux Process", ioPriority (ioprio_set(2)). Set for the one process there is, which
 * all of the container's inherit: its process group may still be that of the caller.
 */
export function ioPriorityStages({ process: { ioPriority } }: RunnableConfig): Stage[] {
  if (ioPriority === undefined) return [];
  const { class: name, priority } = ioPriority;
  return [
    {
      name: 'process.ioPriority',
      lane: 'container',
      category: 'Platform',
      run: (k) =>
        k.doing(`process.ioPriority: set to ${name} ${priority}`, () =>
          k.ioprio_set(WHO_PROCESS, 0, (classes[name] << CLASS_SHIFT) | priority),
        ),
    },
  ];
}
