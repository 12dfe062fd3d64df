import { join } from 'node:path';
import type { Status } from '@oci/spec';
import { type ContainerCgroup, isFrozen, readCgroupPath } from './cgroup.ts';
import { ExecFifo } from './exec-fifo.ts';
import type { ProcessIdentity, ProcessTable } from './processes.ts';
import type { StateFile } from './state-file.ts';

/** Where a container's processes and its cgroup are looked up. */
export interface ContainerHost {
  readonly processes: ProcessTable;
  cgroupAt(path: string): ContainerCgroup;
}

/** A container as its state directory describes it. */
export class Container {
  readonly id: string;
  readonly directory: string;
  /** Absent while the container is being created, or when that was cut short. */
  readonly file: StateFile | undefined;
  readonly fifo: ExecFifo;
  /** The one that it was given, or was to be given; none for who has no privileges. */
  readonly cgroup: ContainerCgroup | undefined;
  readonly #processes: ProcessTable;

  constructor(id: string, directory: string, file: StateFile | undefined, host: ContainerHost) {
    this.id = id;
    this.directory = directory;
    this.file = file;
    this.fifo = new ExecFifo(join(directory, 'exec.fifo'));
    const path = readCgroupPath(directory);
    this.cgroup = path === undefined ? undefined : host.cgroupAt(path);
    this.#processes = host.processes;
  }

  /** The first process, once there is one; it may have exited. */
  get init(): ProcessIdentity | undefined {
    return this.file;
  }

  /** runtime.md, "State"; found out anew each time. */
  status(): Status {
    if (!this.file) return 'creating';
    if (!this.#processes.isAlive(this.file)) return 'stopped';
    if (this.cgroup && isFrozen(this.cgroup)) return 'paused';
    return this.fifo.isAwaited() ? 'created' : 'running';
  }
}
