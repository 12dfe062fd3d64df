import { closeSync, readFileSync } from 'node:fs';
import { MFD_CLOEXEC, SIGKILL } from '@oci/kernel';
import { LiveKernel } from '@oci/kernel/live';
import { Spawner, sealedLauncher } from '@oci/launcher/live';
import * as z from 'zod/mini';
import { type CompileOptions, compileBundle } from '../compile.ts';
import { currentCaller, defaultRoot, prepareRoot } from '../store/root.ts';
import { signalProcess } from '../store/send.ts';
import { ContainerStore } from '../store/store.ts';
import type { ExitStatus, RunningContainer } from './container.ts';
import { type Ended, Reaper } from './reaper.ts';
import { openStreams, type Stdio } from './stdio.ts';

export interface LauncherOptions
  extends Partial<Pick<CompileOptions, 'noPivot' | 'newKeyring' | 'sequential' | 'cgroupManager'>> {
  /** Where containers keep their state; `/run/ocirun` when absent, as for the command. */
  readonly root?: string;
}

export interface StartOptions {
  /** Standard input, output and error; all inherited when absent. */
  readonly stdio?: readonly [Stdio, Stdio, Stdio];
}

/** What a launcher writes to its log when it fails. */
const LogLine = z.object({ msg: z.string() });

const INHERITED = ['inherit', 'inherit', 'inherit'] as const;

/**
 * A bundle, compiled once, that is started many times from this process.
 *
 * ```ts
 * const launcher = compile('/path/to/bundle');
 * const { code } = await launcher.start('one').exited;
 * launcher.close();
 * ```
 */
export class Launcher {
  /** What of the config will not be so, and does not have to be. */
  readonly warnings: readonly string[];
  readonly #kernel = new LiveKernel();
  readonly #spawner = new Spawner(this.#kernel);
  readonly #reaper = new Reaper(this.#kernel);
  readonly #root: string;
  readonly #fd: number;

  /** @throws SpecError when the bundle asks for what is wrong or not supported */
  constructor(bundle: string, { root, ...options }: LauncherOptions = {}) {
    const compiled = compileBundle({
      bundle,
      mode: 'run',
      detach: false,
      keep: false,
      noPivot: false,
      newKeyring: true,
      preserveFds: 0,
      subreaper: true,
      sequential: false,
      logFormat: 'json',
      cgroupManager: 'cgroupfs',
      ...options,
    });
    this.warnings = compiled.warnings;
    this.#root = root ?? defaultRoot(currentCaller());
    prepareRoot(this.#root);
    this.#fd = sealedLauncher(this.#kernel, compiled.launcher);
  }

  /**
   * Starts a container. Several may run at once, under different ids: an id is unique among the
   * containers below the same root.
   *
   * @throws KernelError when not even the launcher can be started
   */
  start(id: string, { stdio = INHERITED }: StartOptions = {}): RunningContainer {
    const kernel = this.#kernel;
    const log = Number(kernel.memfd_create('ocirun-log', MFD_CLOEXEC));
    const streams = openStreams(kernel, stdio);
    let supervisor: number;
    try {
      this.#reaper.listen();
      const logPath = `/proc/${process.pid}/fd/${log}`;
      const args = ['ocirun', '--root', this.#root, '--log', logPath, id];
      supervisor = this.#spawner.spawn(this.#fd, args, streams.descriptors);
    } catch (error) {
      streams.abandon();
      closeSync(log);
      this.#reaper.rest();
      throw error;
    }
    streams.handedOver();
    let ended = false;
    const exited = this.#reaper.wait(supervisor).then((how) => {
      ended = true;
      this.#reaper.rest();
      return exitStatus(how, log);
    });
    const [stdin, stdout, stderr] = streams.sockets;
    return {
      id,
      supervisor,
      stdin,
      stdout,
      stderr,
      exited,
      kill: (signal = 'SIGTERM') => {
        if (ended) throw new Error(`container ${id} has ended`);
        // The launcher forwards what it can receive.
        if (signal === 'SIGKILL') this.#killNow(id);
        else process.kill(supervisor, signal);
      },
    };
  }

  /** Lets go of the launcher. Containers that run go on. */
  close(): void {
    closeSync(this.#fd);
  }

  #killNow(id: string): void {
    const store = new ContainerStore(this.#root);
    const { init } = store.load(id);
    if (!init) throw new Error(`container ${id} is not running yet`);
    signalProcess(this.#kernel, store.processes, init, SIGKILL);
  }
}

/** Compiles a bundle. @throws SpecError when it asks for what is wrong or not supported */
export function compile(bundle: string, options: LauncherOptions = {}): Launcher {
  return new Launcher(bundle, options);
}

/** @throws Error with the launcher's message when it failed rather than the container */
function exitStatus({ code, signal }: Ended, log: number): ExitStatus {
  try {
    if (code === null) {
      throw new Error(`the launcher was killed by signal ${signal}; the container may still run`);
    }
    const failure = code === 1 ? readFileSync(`/proc/self/fd/${log}`, 'utf8') : '';
    if (failure !== '') throw new Error(LogLine.parse(JSON.parse(failure)).msg);
    return { code };
  } finally {
    closeSync(log);
  }
}
