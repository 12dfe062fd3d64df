import { CAP } from '@oci/kernel';
import { mountOptions } from '@oci/mounts';
import {
  type Features,
  MemoryPolicyFlag,
  MemoryPolicyMode,
  NamespaceType,
  ociVersion,
} from '@oci/spec';

/**
 * features.md: what this runtime implements, whatever the host can do. What no package does yet is
 * told as not enabled; `checkSupported` and the packages' own checks refuse it.
 */
export function features(): Features {
  return {
    ociVersionMin: '1.0.0',
    ociVersionMax: ociVersion,
    hooks: [],
    mountOptions: Object.entries(mountOptions)
      .filter(([, { refused }]) => refused === undefined)
      .map(([name]) => name)
      .sort(),
    linux: {
      namespaces: [...NamespaceType.options].sort(),
      capabilities: Object.keys(CAP),
      cgroup: { v1: false, v2: false, systemd: false, systemdUser: false, rdma: false },
      seccomp: { enabled: false },
      apparmor: { enabled: false },
      selinux: { enabled: false },
      memoryPolicy: {
        modes: [...MemoryPolicyMode.options],
        flags: [...MemoryPolicyFlag.options],
      },
      intelRdt: { enabled: false, schemata: false, monitoring: false },
      mountExtensions: { idmap: { enabled: false } },
      netDevices: { enabled: false },
    },
  };
}
