import {
  CAP,
  errnoNumber,
  type Kernel,
  SECCOMP_FILTER_FLAG,
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
} from '@oci/kernel';
import { mountOptions } from '@oci/mounts';
import {
  type Features,
  MemoryPolicyFlag,
  MemoryPolicyMode,
  NamespaceType,
  ociVersion,
  SeccompAction,
  SeccompArch,
  SeccompFlag,
  SeccompOperator,
} from '@oci/spec';

/**
 * features.md: what this runtime implements, whatever the host can do; only which of the flags that
 * it knows a seccomp filter can be loaded with is the kernel's to say.
 */
export function features(kernel: Pick<Kernel, 'seccompTryFlags'>): Features {
  return {
    ociVersionMin: '1.0.0',
    ociVersionMax: ociVersion,
    hooks: [],
    mountOptions: Object.keys(mountOptions).sort(),
    linux: {
      namespaces: [...NamespaceType.options].sort(),
      capabilities: Object.keys(CAP),
      cgroup: { v1: true, v2: true, systemd: true, systemdUser: true, rdma: true },
      seccomp: {
        enabled: true,
        actions: [...SeccompAction.options].sort(),
        operators: [...SeccompOperator.options].sort(),
        archs: [...SeccompArch.options].sort(),
        knownFlags: [...SeccompFlag.options].sort(),
        supportedFlags: SeccompFlag.options.filter((flag) => isSupported(kernel, flag)).sort(),
      },
      apparmor: { enabled: true },
      selinux: { enabled: true },
      memoryPolicy: {
        modes: [...MemoryPolicyMode.options],
        flags: [...MemoryPolicyFlag.options],
      },
      intelRdt: { enabled: true, schemata: true, monitoring: true },
      mountExtensions: { idmap: { enabled: true } },
      netDevices: { enabled: true },
    },
  };
}

function isSupported(kernel: Pick<Kernel, 'seccompTryFlags'>, flag: SeccompFlag): boolean {
  // Linux takes this one together with a listener only.
  const more =
    flag === 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV' ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
  return kernel.seccompTryFlags(SECCOMP_FILTER_FLAG[flag] | more) === -errnoNumber('EFAULT');
}
