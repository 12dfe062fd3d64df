import { execFileSync } from 'node:child_process';
import {
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KernelError } from '@oci/kernel';
import { onTestFinished } from 'vitest';
import type { StoreKernel } from '../../src/store/kernel.ts';
import { ProcessTable } from '../../src/store/processes.ts';
import { ContainerStore, type StoreOptions } from '../../src/store/store.ts';
import { FakeCgroup } from './fake-cgroup.ts';

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ocirun-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface FakeProcess {
  readonly startTime?: number;
  readonly state?: string;
  readonly name?: string;
  readonly namespace?: string;
  /** Its process ids, from the outermost pid namespace in. */
  readonly nspid?: string;
}

/** A store in a temporary directory, over processes that exist in files only. */
export class FakeHost {
  readonly root: string;
  readonly proc: string;
  readonly options: StoreOptions;
  readonly store: ContainerStore;
  readonly #cgroups = new Map<string, FakeCgroup>();

  constructor(patience = 30) {
    const directory = temporaryDirectory();
    this.root = join(directory, 'root');
    this.proc = join(directory, 'proc');
    mkdirSync(this.root);
    mkdirSync(this.proc);
    this.options = {
      processes: new ProcessTable(this.proc),
      cgroupAt: (path) => this.cgroupAt(path),
      patience,
    };
    this.store = new ContainerStore(this.root, this.options);
  }

  cgroupAt(path: string): FakeCgroup {
    const found = this.#cgroups.get(path) ?? new FakeCgroup();
    this.#cgroups.set(path, found);
    return found;
  }

  /** Gives a container a cgroup, as its launcher notes it. */
  cgroup(id: string, path = `/${id}`): FakeCgroup {
    symlinkSync(path, join(this.root, id, 'cgroup'));
    return this.cgroupAt(path);
  }

  process(pid: number, process: FakeProcess = {}): void {
    const { startTime = 1000, state = 'S', name = 'sh', namespace = 'pid:[2]' } = process;
    const directory = join(this.proc, String(pid));
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(join(directory, 'ns'), { recursive: true });
    const between = Array.from({ length: 18 }, (_, index) => index).join(' ');
    writeFileSync(
      join(directory, 'stat'),
      `${pid} (${name}) ${state} ${between} ${startTime} 99 98\n`,
    );
    writeFileSync(
      join(directory, 'status'),
      `Name:\t${name}\nNSpid:\t${process.nspid ?? `${pid}\t1`}\nThreads:\t1\n`,
    );
    symlinkSync(namespace, join(directory, 'ns', 'pid'));
  }

  exit(pid: number): void {
    rmSync(join(this.proc, String(pid)), { recursive: true, force: true });
  }

  /** A container's directory, with a state file unless told otherwise. */
  container(id: string, state: Record<string, unknown> | string | null = {}): string {
    const directory = join(this.root, id);
    mkdirSync(directory);
    if (state !== null) {
      const text = typeof state === 'string' ? state : JSON.stringify({ ...stateOf(id), ...state });
      writeFileSync(join(directory, 'state.json'), text);
    }
    return directory;
  }

  fifo(id: string): string {
    const path = join(this.root, id, 'exec.fifo');
    execFileSync('mkfifo', [path]);
    return path;
  }
}

export function stateOf(id: string) {
  return {
    ociVersion: '1.3.0',
    id,
    pid: 41,
    startTime: 1000,
    bundle: '/bundle',
    rootfs: '/bundle/rootfs',
    created: '2026-11-21T10:00:00.123456789Z',
    owner: 'root',
  };
}

/** Notes what it is asked to do, and fails where told to. */
export class FakeKernel implements StoreKernel {
  readonly sent: [pid: number, signal: number][] = [];
  /** Run when a process is signalled. */
  onSignal: (pid: number, signal: number) => void = () => undefined;
  /** Run when a process is opened: it may go, or be replaced, right then. */
  onOpen: (pid: number) => void = () => undefined;
  onLock: () => void = () => undefined;

  #pids = new Map<number, number>();

  flock: StoreKernel['flock'] = () => this.onLock();

  pidfd_open: StoreKernel['pidfd_open'] = (pid) => {
    this.onOpen(Number(pid));
    const fd = openNull();
    this.#pids.set(fd, Number(pid));
    return fd;
  };

  pidfd_send_signal: StoreKernel['pidfd_send_signal'] = (fd, signal) => {
    const pid = this.#pids.get(Number(fd)) ?? -1;
    this.onSignal(pid, Number(signal));
    this.sent.push([pid, Number(signal)]);
    return 0;
  };
}

function openNull(): number {
  return openSync('/dev/null', 'r');
}

export function kernelError(call: string, code: 'EAGAIN' | 'ESRCH' | 'EPERM'): KernelError {
  return new KernelError(call, { EAGAIN: 11, ESRCH: 3, EPERM: 1 }[code]);
}

/** Opens a FIFO as a container that waits at it, except that reading from it never blocks a test. */
export function waitAt(path: string): number {
  return openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
}
