import { CAP } from '@oci/kernel';
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
 * features.md: what this runtime implements, whatever the host can do.
 */
export function features(): Features {
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
        supportedFlags: [...SeccompFlag.options].sort(),
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
