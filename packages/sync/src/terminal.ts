import {
  BRKINT,
  CS8,
  compare,
  ECHO,
  ECHONL,
  type Fd,
  ICANON,
  ICRNL,
  IEXTEN,
  IGNBRK,
  IGNCR,
  INLCR,
  ISIG,
  ISTRIP,
  IXON,
  type Kernel,
  type Memory,
  O_CLOEXEC,
  O_NOCTTY,
  O_RDWR,
  ONLCR,
  OPOST,
  PARENB,
  PARMRK,
  Provision,
  type Stage,
  TCGETS,
  TCSETS,
  TIOCGWINSZ,
  TIOCSWINSZ,
  type Value,
  VMIN,
  VTIME,
} from '@oci/kernel';

/** `struct termios` as the kernel has it: four words of flags, the discipline, then c_cc. */
const TERMIOS_BYTES = 36;
const C_IFLAG = 0;
const C_OFLAG = 4;
const C_CFLAG = 8;
const C_LFLAG = 12;
const C_CC = 17;

/** `struct winsize`: rows and columns first, 16 bits each. */
const WINSIZE_BYTES = 8;

/** The terminal of whoever started the launcher. */
export interface UserTerminal {
  readonly fd: Fd;
  /** Its settings, as they were found. */
  readonly settings: Memory;
}

/**
 * Finds the terminal that a container in the foreground is used from: any of the standard streams,
 * as others may be redirected, else the controlling one. In the host lane, before anything is made.
 */
export function findTerminal(): { readonly stage: Stage; readonly found: Provision<UserTerminal> } {
  const found = new Provision<UserTerminal>('terminal of the user');
  const stage: Stage = {
    name: 'terminal',
    lane: 'host',
    category: 'Sync',
    provides: [found],
    run: (k) =>
      k.doing('process.terminal: find the terminal to use it from', () => {
        const settings = k.memory('settings', TERMIOS_BYTES);
        const fd = k.variable('terminal', -1);
        for (const stream of [2, 1, 0])
          k.when(compare(fd.value, '<', 0), () => {
            const result = k.ioctl(stream, TCGETS, settings, { allow: 'any' });
            k.when(compare(result, '==', 0), () => k.set(fd, stream));
          });
        k.when(compare(fd.value, '<', 0), () => {
          k.set(
            fd,
            k.openat(k.cwd, '/dev/tty', O_RDWR | O_NOCTTY | O_CLOEXEC, 0, { allow: 'any' }),
          );
          k.when(compare(fd.value, '<', 0), () =>
            k.fail('no standard stream is one, and there is no controlling one'),
          );
          k.ioctl(fd.value, TCGETS, settings);
        });
        found.provide({ fd: fd.value, settings });
      }),
  };
  return { stage, found };
}

/**
 * Lets every key through to the container (termios(3), `cfmakeraw`) until {@link restore}, also
 * when something fails before. Output is still processed: the container's terminal does not turn
 * its line ends, so that files and pipes get them as they were written.
 */
export function makeRaw(k: Kernel, { fd, settings }: UserTerminal): void {
  const raw = k.memory('raw settings', TERMIOS_BYTES);
  k.ioctl(fd, TCGETS, raw);
  clear(k, raw, C_IFLAG, IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
  clear(k, raw, C_LFLAG, ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  clear(k, raw, C_CFLAG, PARENB);
  set(k, raw, C_CFLAG, CS8);
  set(k, raw, C_OFLAG, OPOST);
  k.store(raw, C_CC + VMIN, 1, 1);
  k.store(raw, C_CC + VTIME, 1, 0);
  k.undo(() => restore(k, { fd, settings }));
  k.ioctl(fd, TCSETS, raw);
}

/** The terminal as it was found. Its user may have gone with it. */
export function restore(k: Kernel, { fd, settings }: UserTerminal): void {
  k.ioctl(fd, TCSETS, settings, { allow: 'any' });
}

/** Leaves line ends to the terminal that shows them. */
export function passLineEnds(k: Kernel, master: Fd): void {
  const settings = k.memory('settings', TERMIOS_BYTES);
  k.ioctl(master, TCGETS, settings);
  clear(k, settings, C_OFLAG, ONLCR);
  k.ioctl(master, TCSETS, settings);
}

/** Gives the container's terminal the size of its user's, where that has one. */
export function copySize(k: Kernel, from: Fd, to: Fd): void {
  const size = k.memory('window size', WINSIZE_BYTES);
  const read = k.ioctl(from, TIOCGWINSZ, size, { allow: 'any' });
  k.when(compare(read, '==', 0), () =>
    k.when(compare(k.load(size, 0, 4), '!=', 0), () =>
      k.ioctl(to, TIOCSWINSZ, size, { allow: 'any' }),
    ),
  );
}

function clear(k: Kernel, settings: Memory, offset: number, bits: number): void {
  change(k, settings, offset, (flags) => k.compute(flags, '&', 0xffff_ffff & ~bits));
}

function set(k: Kernel, settings: Memory, offset: number, bits: number): void {
  change(k, settings, offset, (flags) => k.compute(flags, '|', bits));
}

function change(k: Kernel, settings: Memory, offset: number, by: (flags: Value) => Value): void {
  k.store(settings, offset, 4, by(k.load(settings, offset, 4)));
}
