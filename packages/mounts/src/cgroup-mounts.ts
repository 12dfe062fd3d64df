import {
  AT_EMPTY_PATH,
  type Fd,
  type Kernel,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  text,
} from '@oci/kernel';
import { attach } from './attach.ts';
import { setPropagation } from './attributes.ts';
import type { CgroupHierarchy, ContainerCgroups } from './context.ts';
import type { MountEntry, MountPlace } from './entry.ts';
import { makeFileSystem } from './file-system.ts';
import { copyHostMount } from './host-mounts.ts';
import { directory } from './mountpoint.ts';
import { combine, type DataOption } from './options.ts';
import { splitPath } from './paths.ts';
import { refuseProcfs } from './procfs.ts';

/** What runc gives every mount of a cgroup hierarchy of version 1. */
const always = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

const noFlags = new Map<never, never>();

/**
 * Mounts the container's cgroups: on a host with version 2 alone the hierarchy; else a tmpfs with a
 * directory for each hierarchy, named as on the host, and links for controllers that share one.
 *
 * In a cgroup namespace these are mounts of their own, which show the container's cgroup as the root.
 * Otherwise, and where the user namespace may not make them, the container's cgroup is bound.
 */
export function mountCgroups(
  k: Kernel,
  entry: MountEntry,
  place: MountPlace,
  cgroups: ContainerCgroups | undefined,
): void {
  place.directories.forget(k);
  const target = directory(k, place.rootfs, entry.path);
  if (entry.afterProc) refuseProcfs(k, entry.path, target);
  const { kind, unified } = cgroups?.layout ?? {};
  if (!cgroups || (kind === 'unified' && !unified)) k.fail('the container has no cgroup');
  else if (kind === 'unified' && unified) mountUnified(k, entry, place, cgroups, unified, target);
  else mountAll(k, entry, place, cgroups, target);
  k.close(target);
}

function mountUnified(
  k: Kernel,
  { options }: MountEntry,
  place: MountPlace,
  cgroups: ContainerCgroups,
  unified: CgroupHierarchy,
  target: Fd,
): void {
  const { set } = combine(options.attributes, options.recursive);
  const mount = showHierarchy(k, unified, place, cgroups, set, options.data);
  setPropagation(k, mount, options.propagation);
  attach(k, mount, target);
  k.close(mount);
}

function mountAll(
  k: Kernel,
  { options }: MountEntry,
  place: MountPlace,
  cgroups: ContainerCgroups,
  target: Fd,
): void {
  const { hierarchies, unified } = cgroups.layout;
  const attributes = combine(options.attributes, options.recursive).set | always;
  const top = makeTop(k, attributes & ~MOUNT_ATTR_RDONLY);
  setPropagation(k, top, options.propagation);
  attach(k, top, target);
  for (const hierarchy of [...hierarchies, ...(unified ? [unified] : [])])
    k.doing(hierarchy.mountpoint, () => {
      const [, name] = splitPath(hierarchy.mountpoint);
      k.mkdirat(top, name, 0o755);
      const mount = showHierarchy(k, hierarchy, place, cgroups, attributes);
      attach(k, mount, top, name);
      k.close(mount);
      for (const controller of hierarchy.controllers)
        if (hierarchy.version === 1 && controller !== name) k.symlinkat(name, top, controller);
    });
  if (attributes & MOUNT_ATTR_RDONLY)
    k.mount_setattr(top, '', AT_EMPTY_PATH, { set: MOUNT_ATTR_RDONLY });
  k.close(top);
}

/** The tmpfs that the hierarchies are mounted in. */
function makeTop(k: Kernel, attributes: number): Fd {
  const data = [{ key: 'mode', value: '755' }];
  const options = { superblock: noFlags, data };
  return makeFileSystem(k, { type: 'tmpfs', source: 'tmpfs', options }, attributes);
}

/** A detached mount of one hierarchy, as the container is to see it. */
function showHierarchy(
  k: Kernel,
  hierarchy: CgroupHierarchy,
  { inCgroupNamespace, inUserNamespace }: MountPlace,
  { path }: ContainerCgroups,
  attributes: number,
  data: readonly DataOption[] = hierarchyOptions(hierarchy),
): Fd {
  const bind = () => copyHostMount(k, text`${hierarchy.mountpoint}${path}`, attributes);
  if (!inCgroupNamespace) return bind();
  const type = hierarchy.version === 1 ? 'cgroup' : 'cgroup2';
  const fresh = () =>
    makeFileSystem(
      k,
      // Read-only is the mount, not the hierarchy that the host has mounted too.
      { type, source: 'cgroup', options: { superblock: noFlags, data } },
      attributes,
    );
  return inUserNamespace ? k.attempt(['EPERM', 'EBUSY'], fresh, bind) : fresh();
}

/** What names a hierarchy of version 1 to the kernel; there is only one of version 2. */
function hierarchyOptions({ version, controllers, name }: CgroupHierarchy): DataOption[] {
  if (version === 2) return [];
  return [
    ...controllers.map((key) => ({ key, value: undefined })),
    ...(name === undefined ? [] : [{ key: 'name', value: name }]),
  ];
}
