import {
  type AnyProvision,
  type Fd,
  type Memory,
  Provision,
  type Text,
  type Value,
} from '@oci/kernel';
import type { Config, Root } from '@oci/spec';

/** The part of a config that this package reads. */
export interface MountsConfig extends Pick<Config, 'mounts' | 'linux' | 'process'> {
  readonly root: Root;
}

/** What stages know besides the config. */
export interface MountsContext {
  /** The absolute path of the bundle: what relative paths on the host start from. */
  readonly bundle: string;
  /** Moves the rootfs onto `/` and enters it by chroot(2), for roots that pivot_root(2) refuses. */
  readonly noPivot: boolean;
  /** The runtime has no privileges over the host's mounts; it has unless this says so. */
  readonly rootless?: boolean;
  /** What mounts of type `cgroup` show. */
  readonly cgroups?: ContainerCgroups;
}

/** A mounted cgroup hierarchy of the host (cgroups(7)). */
export interface CgroupHierarchy {
  readonly version: 1 | 2;
  /** `['cpu', 'cpuacct']`; of version 1, where it has some. */
  readonly controllers: readonly string[];
  /** `systemd` of `name=systemd`. */
  readonly name?: string;
  /** `/sys/fs/cgroup/cpu,cpuacct` */
  readonly mountpoint: string;
}

/** The host's cgroups, and which of them is the container's. */
export interface ContainerCgroups {
  readonly layout: {
    readonly kind: 'unified' | 'hybrid' | 'legacy';
    /** Those of version 1. */
    readonly hierarchies: readonly CgroupHierarchy[];
    readonly unified?: CgroupHierarchy;
  };
  /** The container's cgroup beneath the mount point of every hierarchy, with a leading slash. */
  readonly path: Text;
  /** The container is in it, and in its cgroup namespace if it has one. */
  readonly joined?: readonly AnyProvision[];
}

/** Mounts that are held by descriptors: 64-bit words, so many of them. */
export interface OpenMounts {
  readonly descriptors: Memory;
  readonly count: Value;
}

/** A mount that turns read-only when nothing has to be made in it any more. */
export interface ReadonlyLater {
  readonly what: string;
  readonly mount: Fd;
}

/** A pseudo-terminal (pty(7)): what the container has, and what its user has. */
export interface Console {
  readonly slave: Fd;
  readonly master: Fd;
}

/** What the stages of one container hand to each other, and to other packages' stages. */
export class MountsProvisions {
  /** The rootfs: the descriptor (O_PATH) of its mount, open until exec. */
  readonly rootfs = new Provision<Fd>('rootfs');
  /** All of `mounts` is in place. */
  readonly mounts = new Provision('mounts');
  /** /dev is complete, but for the console. */
  readonly devices = new Provision('devices');
  /** The container's terminal, bound onto /dev/console. */
  readonly console = new Provision<Console>('console');
  /** The rootfs is `/`; the host's files may still be mounted beneath. */
  readonly pivoted = new Provision('pivoted');
  /** The host's files are out of reach. */
  readonly detached = new Provision('detached');
  /** Paths are masked and read-only; nothing is to be mounted or made any more. */
  readonly masked = new Provision('masked');

  /** @internal Nothing that is mounted in this namespace shows on the host. */
  readonly propagation = new Provision('propagation');
  /** @internal What the host lane has opened, by the place of its entry in `mounts`. */
  readonly sources = new Provision<ReadonlyMap<number, Fd>>('mount sources');
  /** @internal The host's procfs and sysfs mounts, for a root that is not pivoted to. */
  readonly hostProcfs = new Provision<OpenMounts>('procfs and sysfs of the host');
  /** @internal */
  readonly readonlyPaths = new Provision('read-only paths');
  /** @internal */
  readonly maskedPaths = new Provision('masked paths');
  /** @internal Filled while `mounts` is recorded. */
  readonly readonlyLater: ReadonlyLater[] = [];
  /** @internal The host's /dev/null and an empty directory, both detached. */
  readonly maskSources = new Provision<{ readonly file: Fd; readonly directory: Fd }>(
    'mask sources',
  );
}
