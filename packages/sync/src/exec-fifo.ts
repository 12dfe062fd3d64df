import { type Fd, O_CLOEXEC, O_RDWR, Provision, S_IFIFO, type Stage } from '@oci/kernel';

/** The FIFO's name in the state directory. While it is there the container is only created. */
export const EXEC_FIFO = 'exec.fifo';

/**
 * `create` ends with the container process blocked on a FIFO until `start` writes to it.
 *
 * The process holds the FIFO open for reading and writing (Linux allows both at once, fifo(7)), by
 * a descriptor it got before it lost the host's files: it resolves no path for it, needs no
 * permission, and blocks although no writer has come yet. For `start`, a FIFO that nobody has open
 * (ENXIO) is a container that has died.
 */
export function execFifoStages(
  directory: Provision<Fd>,
  needs: NonNullable<Stage['needs']>,
): { readonly make: Stage; readonly wait: Stage; readonly fifo: Provision<Fd> } {
  const fifo = new Provision<Fd>('exec FIFO');
  return {
    fifo,
    make: {
      name: 'exec FIFO',
      lane: 'host',
      category: 'Sync',
      needs: [directory],
      provides: [fifo],
      run: (k) => {
        k.doing('make the exec FIFO', () => {
          k.mknodat(directory.value, EXEC_FIFO, S_IFIFO | 0o600, 0);
          k.undo(() => k.unlinkat(directory.value, EXEC_FIFO));
          fifo.provide(k.openat(directory.value, EXEC_FIFO, O_RDWR | O_CLOEXEC));
        });
      },
    },
    wait: {
      name: 'wait for start',
      lane: 'container',
      category: 'Sync',
      needs: [fifo, ...needs],
      run: (k) => {
        k.doing('wait for start', () => {
          const byte = k.memory('start', 1);
          k.read(fifo.value, byte, 1);
        });
      },
    },
  };
}
