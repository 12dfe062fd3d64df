import {
  AT_SYMLINK_NOFOLLOW,
  F_OK,
  type Fd,
  type Kernel,
  type Memory,
  MOVE_MOUNT_F_EMPTY_PATH,
  makedev,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  S_IFIFO,
  S_IFREG,
  type Stage,
} from '@oci/kernel';
import type { MountsConfig, MountsContext, MountsProvisions } from './context.ts';
import { bindsDev, mountsDev } from './dev.ts';
import { type DeviceNode, deviceNodes } from './device-nodes.ts';
import { directory, inParent, openDirectory } from './mountpoint.ts';
import { hasUserNamespace } from './namespaces.ts';
import { insideRoot, splitPath } from './paths.ts';
import { requireDevice, statxMemory } from './statx.ts';

const links = [
  ['/proc/self/fd', 'fd'],
  ['/proc/self/fd/0', 'stdin'],
  ['/proc/self/fd/1', 'stdout'],
  ['/proc/self/fd/2', 'stderr'],
] as const;

/**
 * Fills /dev (config-linux.md, "Devices" and "Default Devices"). A /dev that is bound from
 * elsewhere is that one's business: as in runc, nothing is made in it, nor are `linux.devices`.
 *
 * Modes need the umask that the first stage has set: mknod(2) would leave bits out.
 */
export function deviceStages(
  config: MountsConfig,
  _context: MountsContext,
  provisions: MountsProvisions,
): Stage[] {
  const { rootfs, mounts, devices } = provisions;
  if (bindsDev(config)) return [];
  return [
    {
      name: 'devices',
      lane: 'container',
      category: 'Mounts',
      needs: [rootfs, mounts],
      provides: [devices],
      run(k) {
        const open = mountsDev(config) ? openDirectory : directory;
        const dev = k.doing('open /dev', () => open(k, rootfs.value, 'dev'));
        makeNodes(k, config, rootfs.value, dev);
        makeLinks(k, dev);
        k.close(dev);
        devices.provide();
      },
    },
  ];
}

function makeNodes(k: Kernel, config: MountsConfig, rootfs: Fd, dev: Fd): void {
  const bind = hasUserNamespace(config);
  const statx = statxMemory(k);
  for (const node of deviceNodes(config))
    k.doing(node.what, () => {
      const path = insideRoot(node.path);
      const make = (parent: Fd, name: string) =>
        bind && node.type !== S_IFIFO
          ? bindNode(k, node, parent, name, statx)
          : makeNode(k, node, parent, name, statx);
      const [above, name] = splitPath(path);
      if (above === 'dev') make(dev, name);
      else inParent(k, rootfs, path, make);
    });
}

/** A new node, or the host's where none may be made; one that is there already must be the same. */
function makeNode(k: Kernel, node: DeviceNode, parent: Fd, name: string, statx: Memory): void {
  const { type, major, minor, mode, uid, gid } = node;
  const make = () => {
    k.mknodat(parent, name, type | mode, makedev(major, minor));
    if (uid !== 0 || gid !== 0) k.fchownat(parent, name, uid, gid, AT_SYMLINK_NOFOLLOW);
  };
  const made = () =>
    k.attempt(['EEXIST'], make, () =>
      requireDevice(k, parent, name, node, 'something else is there already', statx),
    );
  if (type === S_IFIFO) made();
  // In a user namespace that the runtime itself runs in (rootless), or by a devices cgroup.
  else k.attempt(['EPERM'], made, () => bindNode(k, node, parent, name, statx));
}

/** The host's node, over an empty file. It must be the device that was asked for. */
function bindNode(k: Kernel, node: DeviceNode, parent: Fd, name: string, statx: Memory): void {
  const open = () => k.open_tree(k.cwd, node.path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  const source = node.configured ? k.doing(`bind the host's ${node.path}`, open) : open();
  requireDevice(k, source, '', node, `the host's ${node.path} is another device`, statx);
  k.mknodat(parent, name, S_IFREG | 0o644, 0, { allow: ['EEXIST'] });
  k.move_mount(source, '', parent, name, MOVE_MOUNT_F_EMPTY_PATH);
  k.close(source);
}

function makeLinks(k: Kernel, dev: Fd): void {
  const allow = { allow: ['EEXIST'] } as const;
  k.doing('link /dev/ptmx', () =>
    k.attempt(
      ['EEXIST'],
      () => k.symlinkat('pts/ptmx', dev, 'ptmx'),
      () => {
        // The image's own would be the host's pseudo-terminals.
        k.unlinkat(dev, 'ptmx');
        k.symlinkat('pts/ptmx', dev, 'ptmx');
      },
    ),
  );
  for (const [target, name] of links)
    k.doing(`link /dev/${name}`, () => k.symlinkat(target, dev, name, allow));
  // A kernel may be built without it.
  k.doing('link /dev/core', () =>
    k.attempt(
      ['ENOENT'],
      () => {
        k.faccessat2(k.cwd, '/proc/kcore', F_OK, 0);
        k.symlinkat('/proc/kcore', dev, 'core', allow);
      },
      () => {},
    ),
  );
}
