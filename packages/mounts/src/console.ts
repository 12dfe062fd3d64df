import {
  AT_EMPTY_PATH,
  compare,
  DEVPTS_SUPER_MAGIC,
  type Fd,
  type Kernel,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOCTTY,
  O_RDWR,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
  type Stage,
  TIOCGPTPEER,
  TIOCSPTLCK,
  TIOCSWINSZ,
  type Value,
} from '@oci/kernel';
import { attach } from './attach.ts';
import type { MountsConfig, MountsProvisions } from './context.ts';
import { likeSource } from './mountpoint.ts';
import { openInside } from './open-inside.ts';

const STATFS_BYTES = 120;
/** `struct winsize` (ioctl_tty(2)): rows, columns and two more, 16 bits each. */
const WINSIZE_BYTES = 8;
const WS_ROW = 0;
const WS_COL = 2;

const MISSING = 'there is no devpts at /dev/pts';

/**
 * Makes the container's terminal (config.md, `process.terminal`): a pseudo-terminal of its own
 * devpts, with the size that `process.consoleSize` names, bound onto /dev/console.
 */
export function consoleStages(
  config: MountsConfig,
  { rootfs, mounts, devices, console }: MountsProvisions,
): Stage[] {
  if (!config.process?.terminal) return [];
  const { consoleSize } = config.process;
  return [
    {
      name: 'console',
      lane: 'container',
      category: 'Mounts',
      needs: [rootfs, mounts, devices],
      provides: [console],
      run: (k) =>
        k.doing('process.terminal', () => {
          const master = k.doing('open a pseudo-terminal', () => openMaster(k, rootfs.value));
          if (consoleSize)
            k.doing('set its size', () =>
              setSize(k, master, consoleSize.height, consoleSize.width),
            );
          const slave = k.doing('open its other end', () =>
            k.ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC),
          );
          k.doing('bind it onto /dev/console', () => bindConsole(k, rootfs.value, slave));
          console.provide({ master, slave });
        }),
    },
  ];
}

/**
 * The multiplexer is opened in a directory that was seen to be a devpts: opening what a bundle puts
 * at /dev/ptmx could do anything. Nor is anything taken that is mounted over it there.
 */
function openMaster(k: Kernel, rootfs: Fd): Fd {
  const pts = openInside(k, rootfs, 'dev/pts', O_DIRECTORY, ['ENOENT', 'ENOTDIR']);
  k.when(compare(pts, '<', 0), () => k.fail(MISSING));
  const statfs = k.memory('statfs', STATFS_BYTES);
  k.fstatfs(pts, statfs);
  k.when(compare(k.load(statfs, 0, 8), '!=', DEVPTS_SUPER_MAGIC), () => k.fail(MISSING));
  const master = k.openat2(pts, 'ptmx', {
    flags: O_RDWR | O_NOCTTY | O_CLOEXEC,
    resolve: RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
  });
  k.close(pts);
  // Its other end cannot be opened before.
  k.ioctl(master, TIOCSPTLCK, k.memory('unlocked', 4));
  return master;
}

function setSize(k: Kernel, master: Fd, height: Value, width: Value): void {
  const size = k.memory('window size', WINSIZE_BYTES);
  k.store(size, WS_ROW, 2, height);
  k.store(size, WS_COL, 2, width);
  k.ioctl(master, TIOCSWINSZ, size);
}

function bindConsole(k: Kernel, rootfs: Fd, slave: Fd): void {
  const tree = k.open_tree(slave, '', OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
  const target = likeSource(k, rootfs, 'dev/console', tree, { ordinary: true });
  attach(k, tree, target);
  k.close(target);
  k.close(tree);
}
