import { type Fd, type Provision, type Stage, TIOCSCTTY } from '@oci/kernel';
import type { RunnableConfig } from '@oci/spec';

/** The container's terminal, as its first process uses it. */
export interface Terminal {
  readonly slave: Fd;
}

/**
 * Makes the terminal the controlling one of the container's session, which its process leads, and
 * its standard streams (config.md, `process.terminal`).
 */
export function terminalStages(
  { process }: RunnableConfig,
  terminal: Provision<Terminal> | undefined,
): Stage[] {
  if (!process.terminal || !terminal) return [];
  return [
    {
      name: 'process.terminal',
      lane: 'container',
      category: 'Configuration',
      needs: [terminal],
      run: (k) =>
        k.doing('process.terminal: make it stdio', () => {
          const { slave } = terminal.value;
          k.ioctl(slave, TIOCSCTTY, 0);
          for (const fd of [0, 1, 2]) k.dup3(slave, fd, 0);
          k.close(slave);
        }),
    },
  ];
}
