import type { Policy } from '../policy.ts';
import { Struct } from '../struct.ts';
import { rlimit } from '../structs.ts';
import type { Pid, Value } from '../values.ts';
import { SocketCalls } from './sockets.ts';

/** `struct sched_attr` (sched_setattr(2)), without the utilization clamps' values. */
export interface SchedulerAttributes {
  /** SCHED_* */
  readonly policy: number;
  /** SCHED_FLAG_* */
  readonly flags?: number;
  readonly nice?: number;
  readonly priority?: number;
  /** Nanoseconds, of SCHED_DEADLINE. */
  readonly runtime?: bigint;
  readonly deadline?: bigint;
  readonly period?: bigint;
}

function schedulerAttributes(attributes: SchedulerAttributes): Struct {
  return new Struct('sched_attr', 56, [
    { name: 'size', offset: 0, width: 4, value: 56 },
    { name: 'sched_policy', offset: 4, width: 4, value: attributes.policy },
    { name: 'sched_flags', offset: 8, width: 8, value: attributes.flags ?? 0 },
    { name: 'sched_nice', offset: 16, width: 4, value: attributes.nice ?? 0 },
    { name: 'sched_priority', offset: 20, width: 4, value: attributes.priority ?? 0 },
    { name: 'sched_runtime', offset: 24, width: 8, value: attributes.runtime ?? 0 },
    { name: 'sched_deadline', offset: 32, width: 8, value: attributes.deadline ?? 0 },
    { name: 'sched_period', offset: 40, width: 8, value: attributes.period ?? 0 },
  ]);
}

/** Calls on how a process is scheduled and what it may use. */
export abstract class SchedulingCalls extends SocketCalls {
  /** sched_setattr(2) of the calling thread, Linux 5.3 for a struct of 56 bytes. */
  sched_setattr(attributes: SchedulerAttributes, policy?: Policy): void {
    this.invoke('sched_setattr', [0, schedulerAttributes(attributes), 0], policy);
  }

  /** ioprio_set(2); `which` is 1 for a process, `who` 0 for the caller. */
  ioprio_set(which: number, who: Value, priority: number, policy?: Policy): void {
    this.invoke('ioprio_set', [which, who, priority], policy);
  }

  /** set_mempolicy(2). The kernel reads one bit less of the mask than `bits` says. */
  set_mempolicy(mode: number, nodes: Uint8Array | null, bits: number, policy?: Policy): void {
    this.invoke('set_mempolicy', [mode, nodes, bits], policy);
  }

  /** prlimit(2) of another process. */
  prlimit(
    pid: Pid,
    resource: number,
    soft: number | bigint,
    hard: number | bigint,
    policy?: Policy,
  ): void {
    this.invoke('prlimit64', [pid, resource, rlimit(soft, hard), null], policy);
  }

  /** keyctl(2) KEYCTL_SETPERM: what possessor, user, group and others may do with a key. */
  setKeyPermissions(key: Value, permissions: number, policy?: Policy): void {
    const KEYCTL_SETPERM = 5;
    this.invoke('keyctl', [KEYCTL_SETPERM, key, permissions], policy);
  }
}
