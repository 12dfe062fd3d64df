import { join } from 'node:path';
import type { Status } from '@oci/spec';
import { ExecFifo } from './exec-fifo.ts';
import type { ProcessIdentity, ProcessTable } from './processes.ts';
import type { StateFile } from './state-file.ts';

/** A container as its state directory describes it. */
export class Container {
  readonly id: string;
  readonly directory: string;
  /** Absent while the container is being created, or when that was cut short. */
  readonly file: StateFile | undefined;
  readonly fifo: ExecFifo;
  readonly #processes: ProcessTable;

  constructor(id: string, directory: string, file: StateFile | undefined, processes: ProcessTable) {
    this.id = id;
    this.directory = directory;
    this.file = file;
    this.fifo = new ExecFifo(join(directory, 'exec.fifo'));
    this.#processes = processes;
  }

  /** The first process, once there is one; it may have exited. */
  get init(): ProcessIdentity | undefined {
    return this.file;
  }

  /** runtime.md, "State"; found out anew each time. */
  status(): Status {
    if (!this.file) return 'creating';
    if (!this.#processes.isAlive(this.file)) return 'stopped';
    return this.fifo.isAwaited() ? 'created' : 'running';
  }
}
