import { compare, F_GETFD, type Kernel, O_RDWR, type Stage } from '@oci/kernel';

const STDIO = 3;
const LAST = 0xffff_ffff;

/**
 * The first stage of all. A launcher may be started by anybody: with stdio closed, so that a
 * descriptor of ours would take its number and end up in the container, or with descriptors that
 * the caller leaked, which a container that waits for its start would keep open. Those that are to
 * be preserved must be there, for the same reason; having come through an exec, none is marked
 * close-on-exec.
 */
export function inheritedDescriptors(preserved: number): Stage {
  return {
    name: 'inherited descriptors',
    lane: 'host',
    category: 'Bootstrap',
    run: (k) => {
      for (let fd = 0; fd < STDIO; fd++) openIfClosed(k, fd);
      for (let fd = STDIO; fd < STDIO + preserved; fd++)
        k.doing(`--preserve-fds: keep descriptor ${fd}`, () => k.fcntl(fd, F_GETFD));
      k.close_range(STDIO + preserved, LAST, 0);
    },
  };
}

function openIfClosed(k: Kernel, fd: number): void {
  const flags = k.fcntl(fd, F_GETFD, 0, { allow: ['EBADF'] });
  // The lowest free descriptor is this one: those before it are open by now.
  k.when(compare(flags, '<', 0), () => k.openat(k.cwd, '/dev/null', O_RDWR));
}
