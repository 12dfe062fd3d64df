import {
  BPF_F_ALLOW_MULTI,
  BPF_PROG_ATTACH,
  BPF_PROG_DETACH,
  BPF_PROG_GET_FD_BY_ID,
  BPF_PROG_LOAD,
  BPF_PROG_QUERY,
  bpfDeviceAttachment,
  bpfDeviceProgram,
  bpfDeviceQuery,
  bpfProgramId,
  compare,
  type Fd,
  type Kernel,
  type Memory,
  type Policy,
} from '@oci/kernel';
import type { Config } from '@oci/spec';
import { encode } from './ebpf.ts';
import { deviceProgram } from './program.ts';
import { type DeviceRule, deviceRules } from './rules.ts';
import { allowsAll, simplify } from './simplify.ts';

/** BPF_CGROUP_MAX_PROGS: the kernel attaches no more to one cgroup. */
const MOST_PROGRAMS = 64;
const ID_BYTES = 4;

/** Programs that call no function of the kernel's need no GPL. */
const LICENSE = 'Apache-2.0';
const NAME = 'ocirun_devices';

export interface AttachOptions {
  /** Goes on without a filter where bpf(2) is not permitted, as in a user namespace. */
  readonly rootless?: boolean;
}

/** Whether {@link attachDeviceProgram} has anything to do. */
export function hasDeviceProgram(config: Pick<Config, 'linux'>): boolean {
  return deviceRules(config) !== undefined;
}

/**
 * Makes a program for the device rules of a config the only one of an open directory of cgroup v2.
 * Rules that allow everything need no program, and a config without rules changes nothing.
 *
 * The new program is attached before those found there are detached: in between the kernel asks
 * all of them, so no device is ever reachable that neither the old nor the new rules allow. What is
 * attached to cgroups above still has its say.
 *
 * Needs CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN; where other programs are attached, the latter.
 */
export function attachDeviceProgram(
  k: Kernel,
  cgroup: Fd,
  config: Pick<Config, 'linux'>,
  { rootless = false }: AttachOptions = {},
): void {
  const given = deviceRules(config);
  if (!given) return;
  const rules = simplify(given);
  const policy: Policy = rootless ? { allow: ['EPERM'] } : {};
  k.doing('linux.resources.devices', () => {
    const before = k.memory('device filters', MOST_PROGRAMS * ID_BYTES);
    const query = bpfDeviceQuery(cgroup, before);
    k.doing('look for device filters', () => k.bpf(BPF_PROG_QUERY, query, policy));
    if (allowsAll(rules)) {
      detachAll(k, cgroup, before);
      return;
    }
    const program = k.doing('load the device filter', () => loadProgram(k, rules, policy));
    const replace = () => {
      attachProgram(k, cgroup, program);
      detachAll(k, cgroup, before);
    };
    if (rootless) k.when(compare(program, '>=', 0), replace);
    else replace();
  });
}

function loadProgram(k: Kernel, rules: readonly DeviceRule[], policy: Policy): Fd {
  const instructions = encode(deviceProgram(rules));
  return k.bpf(BPF_PROG_LOAD, bpfDeviceProgram(instructions, LICENSE, NAME), policy);
}

/** Attached, a program lives as long as the cgroup; its descriptor is closed. */
function attachProgram(k: Kernel, cgroup: Fd, program: Fd): void {
  const attachment = bpfDeviceAttachment(cgroup, program, BPF_F_ALLOW_MULTI);
  k.doing('attach the device filter', () => k.bpf(BPF_PROG_ATTACH, attachment));
  k.close(program);
}

/** The list of ids ends with a zero, or with the memory. */
function detachAll(k: Kernel, cgroup: Fd, ids: Memory): void {
  k.doing('detach the device filters of before', () => {
    const offset = k.variable('offset', 0);
    k.loop((leave) => {
      k.when(compare(offset.value, '==', ids.size), leave);
      const id = k.load(ids, offset.value, ID_BYTES);
      k.when(compare(id, '==', 0), leave);
      const program = k.bpf(BPF_PROG_GET_FD_BY_ID, bpfProgramId(id));
      k.bpf(BPF_PROG_DETACH, bpfDeviceAttachment(cgroup, program));
      k.close(program);
      k.set(offset, k.compute(offset.value, '+', ID_BYTES));
    });
  });
}
