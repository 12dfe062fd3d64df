import { nativeArchitecture, syscallNumber } from '@oci/seccomp';
import { expect } from 'vitest';
import type { LooseConfig } from './bundle.ts';
import type { ContainerUnderTest } from './container.ts';
import { newId, type Outcome, ocirun } from './ocirun.ts';
import { withProcess } from './process.ts';
import { Programs } from './programs.ts';

export const native = nativeArchitecture(process.arch === 'x64' ? 'x86_64' : 'aarch64');

type Argument = number | bigint;

/** One of this machine's calls, as `programs/probe.c` takes it. */
export function call(name: string, ...args: readonly Argument[]): string {
  return [syscallNumber(native, name), ...args].join();
}

/** The same, made by the 32-bit entry of an x86-64 kernel. */
export function call32(name: string, ...args: readonly Argument[]): string {
  return `i386:${[syscallNumber('SCMP_ARCH_X86', name), ...args].join()}`;
}

/** Containers whose program makes system calls and says what became of them. */
export class Probe {
  readonly #container: ContainerUnderTest;
  readonly #programs = Programs.use('probe');

  constructor(container: ContainerUnderTest) {
    this.#container = container;
  }

  /** Sets `linux.seccomp`. */
  profile(seccomp: LooseConfig): void {
    this.#container.bundle.with(({ linux }) => {
      linux.seccomp = seccomp;
    });
  }

  /** Sets a profile that allows everything but for these rules. */
  rules(...syscalls: readonly LooseConfig[]): void {
    this.profile({ defaultAction: 'SCMP_ACT_ALLOW', syscalls });
  }

  /** Makes calls the program of the container. */
  program(...calls: readonly string[]): void {
    this.#programs.copyInto(this.#container.bundle.rootfs, 'probe');
    withProcess(this.#container, { args: ['/probe', ...calls] });
  }

  /** How a container ends that makes these calls. */
  outcome(...calls: readonly string[]): Promise<Outcome> {
    this.program(...calls);
    return ocirun(['run', '-b', this.#container.bundle.path, newId()]);
  }

  /** What becomes of calls in a container, where all goes well. */
  async results(...calls: readonly string[]): Promise<string[]> {
    const outcome = await this.outcome(...calls);
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    return outcome.stdout.trim().split('\n');
  }
}
