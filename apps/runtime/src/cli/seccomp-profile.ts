import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { CAP } from '@oci/kernel';
import { convertDockerProfile, type DockerTarget, nativeArchitecture } from '@oci/seccomp';
import { parseConfig, parseJson, parseSeccomp, type Seccomp, SeccompArch } from '@oci/spec';
import { readHost } from '../host.ts';

/** The options that all `seccomp` commands have. */
export interface ProfileOptions {
  readonly arch?: string;
  readonly cap?: readonly string[];
  readonly kernel?: string;
}

/** What Docker gives a container that asks for nothing else. */
const dockerCapabilities = [
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_MKNOD',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
];

/** The architecture that an option names, if it is given. @throws Error for one that is not known */
export function architectureOf(option: string, value: string | undefined): SeccompArch | undefined {
  const architecture = SeccompArch.options.find((name) => name === value);
  if (value !== undefined && architecture === undefined)
    throw new Error(`${option}: ${value} is not known`);
  return architecture;
}

/** @throws Error for what is not known */
export function targetOf({ arch, cap, kernel }: ProfileOptions): DockerTarget {
  const architecture = architectureOf('--arch', arch);
  const unknown = cap?.find((name) => !Object.hasOwn(CAP, name));
  if (unknown !== undefined) throw new Error(`--cap: ${unknown} is not known`);
  if (kernel !== undefined && !/^\d+\.\d+/.test(kernel))
    throw new Error(`--kernel: ${kernel} is not a version such as 6.1`);
  return {
    architecture: architecture ?? nativeArchitecture(readHost().architecture),
    capabilities: cap ?? dockerCapabilities,
    kernelRelease: kernel ?? release(),
  };
}

/** A profile, and what its parts are called in the file that it was read from. */
export interface ReadProfile {
  readonly profile: Seccomp;
  /** Its JSON path. */
  readonly at: string;
  /** Where in the file a part of the profile is, by its path: rules of Docker's may be left out. */
  originOf(path: string): string;
}

/**
 * Reads a profile in any of its three forms.
 *
 * @throws SpecError
 */
export function readProfile(file: string, target: DockerTarget): ReadProfile {
  const standardInput = 0;
  const text = readFileSync(file === '-' ? standardInput : file, 'utf8');
  const keys = keysOf(text);
  if (keys.has('ociVersion')) {
    const profile = parseConfig(text).linux?.seccomp;
    if (!profile) throw new Error(`${file} has no linux.seccomp`);
    return { profile, at: 'linux.seccomp', originOf: (path) => path };
  }
  const isDockers = dockersOwn.some((key) => keys.has(key));
  const at = 'profile';
  if (!isDockers) return { profile: parseSeccomp(text), at, originOf: (path) => path };
  const { profile, originOf } = convertDockerProfile(text, target);
  const prefix = `${at}.`;
  return { profile, at, originOf: (path) => prefix + originOf(path.slice(prefix.length)) };
}

/** What only Docker's format has, or podman's. */
const dockersOwn = [
  'archMap',
  'defaultErrno',
  'syscalls.name',
  'syscalls.errno',
  'syscalls.includes',
  'syscalls.excludes',
];

/** The keys of a profile, those of its rules with `syscalls.` before them. */
function keysOf(text: string): ReadonlySet<string> {
  const value = parsed(text);
  if (!isObject(value)) return new Set();
  const rules = Array.isArray(value.syscalls) ? value.syscalls.filter(isObject) : [];
  return new Set([
    ...Object.keys(value),
    ...rules.flatMap((rule) => Object.keys(rule).map((key) => `syscalls.${key}`)),
  ]);
}

/** What is no JSON has no keys; its reader says what is wrong with it. */
function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
