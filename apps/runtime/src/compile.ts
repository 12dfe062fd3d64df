import {
  assemble,
  type LogFormat,
  lower,
  type Program,
  printProgram,
  Recorder,
} from '@oci/launcher';
import { FilterCache } from '@oci/seccomp';
import { checkBundle } from './bundle.ts';
import type { DriverOptions } from './cgroup-driver.ts';
import { containerStages } from './container-stages.ts';
import { type Rootless, readHost } from './host.ts';
import { launchParameters } from './parameters.ts';
import { runLane, schedule } from './pipeline.ts';
import type { Service } from './service.ts';
import { readSources, type Sources } from './sources.ts';
import { currentCaller, defaultRoot } from './store/root.ts';
import { readSystemd } from './systemd.ts';

export interface CompileOptions extends DriverOptions, Service {
  /** The directory that holds config.json. */
  readonly bundle: string;
  /** `create` ends once the container waits for its start; `run` starts it. */
  readonly mode: 'create' | 'run';
  /** With `run`: leave once the container's program runs. */
  readonly detach: boolean;
  /** With `run`: leave the state of the container when it ends. */
  readonly keep: boolean;
  readonly noPivot: boolean;
  readonly newKeyring: boolean;
  /** Descriptors from 3 on that the container gets. */
  readonly preserveFds: number;
  /** With `run`: adopt and reap the container's orphans. */
  readonly subreaper: boolean;
  /** One stage at a time, to measure what concurrency gains. */
  readonly sequential: boolean;
  readonly logFormat: LogFormat;
  /** `auto` when absent. */
  readonly rootless?: Rootless;
  /** The launcher is to be a file, and not executed from sealed memory. */
  readonly kept?: boolean;
}

export interface Compiled {
  /** An ELF executable. */
  readonly launcher: Uint8Array;
  readonly program: Program;
  readonly warnings: readonly string[];
}

const filtersInMemory = new FilterCache({ version: '' });

/**
 * Compiles a bundle into a launcher.
 *
 * @param filters where the filter of a seccomp profile may be found
 * @throws SpecError when config.json asks for what is wrong or not supported
 */
export function compileBundle(
  options: CompileOptions,
  { config, host }: Sources = readSources(
    options.bundle,
    options.cgroupManager === 'systemd' ? readSystemd() : undefined,
    options.rootless,
  ),
  filters = filtersInMemory,
): Compiled {
  const { architecture } = host;
  const bundle = checkBundle(options.bundle, config, host, options, filters);
  const detach = options.detach ? 'detach' : 'run';
  const ending = options.mode === 'create' ? 'create' : detach;
  const detachedTerminal = bundle.config.process.terminal === true && ending !== 'run';
  const parameters = launchParameters(defaultRoot(currentCaller()), detachedTerminal);
  const recorder = new Recorder({
    name: 'ocirun',
    architecture,
    parameters: Object.values(parameters),
    log: { file: parameters.log, format: options.logFormat },
  });
  const { stages, clone, barrier, channel, confined, intermediate } = containerStages(
    bundle,
    host,
    parameters,
    recorder,
    { ...options, ending },
  );
  const { before, lanes } = schedule(stages, clone, { ...options, barrier });
  recorder.lane('host', { by: 'message' }, () => {
    for (const stage of before) stage.run(recorder);
    runLane(recorder, 'host', lanes.host, channel);
  });
  const reporting = (by: 'descriptor' | 'write') => () => ({ by, fd: channel.end('container') });
  if (intermediate)
    recorder.lane('intermediate', reporting('descriptor'), () => intermediate(recorder));
  recorder.lane('container', reporting(confined ? 'write' : 'descriptor'), () =>
    runLane(recorder, 'container', lanes.container, channel),
  );
  const { program } = recorder;
  const launcher = assemble(lower(program), architecture);
  return { launcher, program, warnings: bundle.warnings };
}

/** The system calls of a program, lane by lane, for people. */
export function describeProgram(program: Program): string {
  return printProgram(program, readHost().architecture);
}
