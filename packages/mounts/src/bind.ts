import {
  AT_EMPTY_PATH,
  compare,
  type Fd,
  type Kernel,
  type Routine,
  S_IFDIR,
  STATX_TYPE,
} from '@oci/kernel';
import { attach } from './attach.ts';
import { attributeChanges, setAttributes } from './attributes.ts';
import type { MountEntry, MountPlace } from './entry.ts';
import { likeSource } from './mountpoint.ts';
import { namesAttributes } from './options.ts';
import { refuseProcfs, requireProcfs } from './procfs.ts';
import { cloneSource, whereOpened } from './sources.ts';
import { fileType, statxMemory } from './statx.ts';

/** Binds a file or directory of the host, with its attributes set before it shows anywhere. */
export function mountBind(k: Kernel, entry: MountEntry, place: MountPlace): void {
  const { options, path } = entry;
  place.directories.forget(k);
  const tree = takeSource(k, entry, place);
  if (path === 'proc') requireProcfs(k, tree);
  changeAttributes(k, entry, place, tree);

  const ordinary = options.noFollow.destination;
  const target = likeSource(k, place.rootfs, path, tree, { ordinary });
  if (entry.afterProc && path !== 'proc') refuseProcfs(k, path, target);
  k.attempt(
    ['EINVAL'],
    () => attach(k, tree, target),
    () => {
      k.run(comparingKinds, tree, target);
      attach(k, tree, target);
    },
  );
  k.close(target);
  k.close(tree);
}

/** What move_mount(2) calls an invalid argument. */
const comparingKinds: Routine<readonly [source: Fd, destination: Fd], undefined> = {
  name: 'kinds',
  body(k, source, destination) {
    const kindOf = (fd: Fd) => {
      const statx = statxMemory(k);
      k.statx(fd, '', AT_EMPTY_PATH, STATX_TYPE, statx);
      return fileType(k, statx);
    };
    const [from, onto] = [kindOf(source), kindOf(destination)];
    k.when(
      compare(from, '==', S_IFDIR),
      () =>
        k.when(compare(onto, '!=', S_IFDIR), () =>
          k.fail('the destination is not a directory, as the source is'),
        ),
      () =>
        k.when(compare(onto, '==', S_IFDIR), () =>
          k.fail('the source is not a directory, as the destination is'),
        ),
    );
    return undefined;
  },
};

/**
 * A copy that the host lane has made is taken where it is mapped, and where the root of a user
 * namespace cannot get to the source. Where it can, what it copies itself is better: the flags of
 * the host's mounts are locked then (mount_namespaces(7)), whatever capabilities the container has.
 */
function takeSource(k: Kernel, entry: MountEntry, { sources }: MountPlace): Fd {
  const opened = sources.get(entry.index);
  if (opened === undefined) return cloneSource(k, entry);
  if (entry.idMapped) return opened;
  return k.attempt(
    ['EACCES'],
    () => {
      const own = cloneSource(k, entry);
      k.close(opened, whereOpened);
      return own;
    },
    () => {
      k.when(compare(opened, '<', 0), () =>
        k.fail('the user namespace has no access to the source'),
      );
      return opened;
    },
  );
}

/**
 * Options that name flags give the mount exactly those, as `mount --bind -o` should and runc does.
 * In a user namespace the source's are locked: they stay, and what is named is changed. This is also
 * so where the runtime itself is in one, and the kernel says so.
 */
function changeAttributes(
  k: Kernel,
  { options }: MountEntry,
  { inUserNamespace }: MountPlace,
  tree: Fd,
): void {
  const keep = () => setAttributes(k, tree, attributeChanges(options, true));
  if (inUserNamespace || !namesAttributes(options.attributes)) keep();
  else k.attempt(['EPERM'], () => setAttributes(k, tree, attributeChanges(options, false)), keep);
}
