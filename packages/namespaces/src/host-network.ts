import {
  AT_EMPTY_PATH,
  compare,
  type Fd,
  type Kernel,
  STATX_BYTES,
  STATX_INO,
  STX_INO,
} from '@oci/kernel';
import type { Config } from '@oci/spec';
import { sysctlPath } from './sysctl.ts';

/**
 * Fails a start that would write `net.*` parameters in the network namespace that the runtime is
 * in, which is mostly the host's. Asked before joining and only where the config names both: what a
 * path refers to can change after a launcher is compiled. Namespaces are told apart by inode number
 * (namespaces(7)); a file that only happens to have it is no namespace and cannot be joined.
 */
export function refuseHostNetwork(k: Kernel, config: Config, joined: Fd): void {
  const [key] = Object.keys(config.linux?.sysctl ?? {}).filter((name) =>
    sysctlPath(name).startsWith('net/'),
  );
  if (key === undefined) return;
  k.doing(`linux.sysctl[${JSON.stringify(key)}]`, () => {
    const [own, other] = [k.memory('own namespace', STATX_BYTES), k.memory('statx', STATX_BYTES)];
    k.statx(k.cwd, '/proc/self/ns/net', 0, STATX_INO, own);
    k.statx(joined, '', AT_EMPTY_PATH, STATX_INO, other);
    k.when(compare(k.load(own, STX_INO, 8), '==', k.load(other, STX_INO, 8)), () =>
      k.fail('is not allowed in the network namespace of the host'),
    );
  });
}
