import type { Fd, Pid, Provision, Text } from '@oci/kernel';
import type { ListenFds } from './listen-fds.ts';
import type { SecurityModules } from './security-modules.ts';
import type { Terminal } from './terminal.ts';

/** What the runtime knows, or lets other stages provide, before the process is set up. */
export interface ProcessContext {
  /** The runtime's own permitted capabilities: bit n is capability n (capabilities(7)). */
  readonly permitted: bigint;
  /** The last capability that the kernel knows: /proc/sys/kernel/cap_last_cap. */
  readonly lastCapability: number;
  /** Whether setgroups(2) is allowed in the container's user namespace, or may be in one it joins. */
  readonly setgroups: boolean;
  /** Who may label processes: read by {@link readSecurityModules}; absent, nobody. */
  readonly lsm?: SecurityModules;
  /** How many descriptors the container keeps besides stdio and sockets, which come first. */
  readonly preserveFds: number;
  /** The sockets that the container is activated by: read by {@link readListenFds}. */
  readonly listenFds?: ListenFds | undefined;
  /** Whether the container gets a session keyring of its own. */
  readonly newKeyring: boolean;
  /** Names the keyring. */
  readonly containerId: Text;
  /** The container's init, as the host lane sees it. */
  readonly containerPid: Provision<Pid>;
  /** The container's root directory, where the process's own root is something else. */
  readonly root?: Provision<Fd>;
  /** What becomes its standard streams where `process.terminal` says so. */
  readonly terminal?: Provision<Terminal>;
  /**
   * Descriptors to keep until the program runs, in ascending order: for reporting that the start
   * failed, for waiting. They are closed on exec.
   */
  readonly keep?: readonly Provision<Fd>[];
}
