import type { Policy } from '../policy.ts';
import type { Struct } from '../struct.ts';
import type { Fd } from '../values.ts';
import { SchedulingCalls } from './scheduling.ts';

/** Calls on eBPF programs. */
export abstract class BpfCalls extends SchedulingCalls {
  /** bpf(2); `command` is BPF_*. The result is a descriptor where the command gives one, else 0. */
  bpf(command: number, attributes: Struct, policy?: Policy): Fd {
    return this.invoke('bpf', [command, attributes, attributes.size], policy);
  }
}
