import { AT_FDCWD } from '../generated/constants.ts';
import type { Memory } from '../memory.ts';
import type { Policy } from '../policy.ts';
import type { Struct } from '../struct.ts';
import { openHow } from '../structs.ts';
import type { Text } from '../text.ts';
import type { Fd, Value } from '../values.ts';
import { Invoker } from './invoker.ts';
import { openFlags } from './open-flags.ts';

export interface OpenHow {
  /** O_* bits. */
  readonly flags: number;
  /** Permission bits of a file that is created. */
  readonly mode?: number;
  /** RESOLVE_* bits. */
  readonly resolve?: number;
}

/** Calls on files, directories and descriptors. */
export abstract class FileCalls extends Invoker {
  /** openat2(2), Linux 5.6. */
  openat2(dirfd: Fd, path: Text, how: OpenHow, policy?: Policy): Fd {
    const struct = openHow(
      openFlags(how.flags, this.architecture),
      how.mode ?? 0,
      how.resolve ?? 0,
    );
    return this.invoke('openat2', [dirfd, path, struct, struct.size], policy);
  }

  /** openat(2). */
  openat(dirfd: Fd, path: Text, flags: number, mode = 0, policy?: Policy): Fd {
    return this.invoke('openat', [dirfd, path, openFlags(flags, this.architecture), mode], policy);
  }

  close(fd: Fd, policy?: Policy): void {
    this.invoke('close', [fd], policy);
  }

  /** close_range(2), Linux 5.9. `last` of 0xffffffff means all from `first`. */
  close_range(first: Value, last: Value, flags: number, policy?: Policy): void {
    this.invoke('close_range', [first, last, flags], policy);
  }

  dup3(from: Fd, to: Fd, flags: number, policy?: Policy): Fd {
    return this.invoke('dup3', [from, to, flags], policy);
  }

  fcntl(fd: Fd, command: number, argument: Value = 0, policy?: Policy): Fd {
    return this.invoke('fcntl', [fd, command, argument], policy);
  }

  flock(fd: Fd, operation: number, policy?: Policy): void {
    this.invoke('flock', [fd, operation], policy);
  }

  /** The result is the number of bytes; 0 at the end. */
  read(fd: Fd, memory: Memory, count: Value = memory.size, policy?: Policy): Fd {
    return this.invoke('read', [fd, memory, count], policy);
  }

  /** Writes a text, or the first `count` bytes of `data`. */
  write(fd: Fd, data: Uint8Array | Memory, count: Value, policy?: Policy): Fd {
    return this.invoke('write', [fd, data, count], policy);
  }

  /** pipe2(2): the two descriptors are stored as 32-bit words. */
  pipe2(ends: Memory, flags: number, policy?: Policy): void {
    this.invoke('pipe2', [ends, flags], policy);
  }

  mkdirat(dirfd: Fd, path: Text, mode: Value, policy?: Policy): void {
    this.invoke('mkdirat', [dirfd, path, mode], policy);
  }

  /** mknodat(2). `device` is encoded by `makedev`. */
  mknodat(dirfd: Fd, path: Text, mode: Value, device: Value, policy?: Policy): void {
    this.invoke('mknodat', [dirfd, path, mode, device], policy);
  }

  symlinkat(target: Text, dirfd: Fd, path: Text, policy?: Policy): void {
    this.invoke('symlinkat', [target, dirfd, path], policy);
  }

  linkat(from: Fd, path: Text, to: Fd, name: Text, flags: number, policy?: Policy): void {
    this.invoke('linkat', [from, path, to, name, flags], policy);
  }

  unlinkat(dirfd: Fd, path: Text, flags = 0, policy?: Policy): void {
    this.invoke('unlinkat', [dirfd, path, flags], policy);
  }

  renameat2(from: Fd, path: Text, to: Fd, name: Text, flags = 0, policy?: Policy): void {
    this.invoke('renameat2', [from, path, to, name, flags], policy);
  }

  readlinkat(dirfd: Fd, path: Text, memory: Memory, policy?: Policy): Fd {
    return this.invoke('readlinkat', [dirfd, path, memory, memory.size], policy);
  }

  fchmod(fd: Fd, mode: Value, policy?: Policy): void {
    this.invoke('fchmod', [fd, mode], policy);
  }

  fchmodat(dirfd: Fd, path: Text, mode: number, policy?: Policy): void {
    this.invoke('fchmodat', [dirfd, path, mode], policy);
  }

  fchownat(dirfd: Fd, path: Text, uid: Value, gid: Value, flags = 0, policy?: Policy): void {
    this.invoke('fchownat', [dirfd, path, uid, gid, flags], policy);
  }

  /** faccessat2(2), Linux 5.8. The result is 0, or `-errno` where allowed. */
  faccessat2(dirfd: Fd, path: Text, mode: number, flags: number, policy?: Policy): Fd {
    return this.invoke('faccessat2', [dirfd, path, mode, flags], policy);
  }

  /** statx(2): fills 256 bytes; stx_mode is the 16-bit word at offset 28. */
  statx(dirfd: Fd, path: Text, flags: number, mask: number, into: Memory, policy?: Policy): Fd {
    return this.invoke('statx', [dirfd, path, flags, mask, into], policy);
  }

  /** fstatfs(2): fills 120 bytes; f_type is the 64-bit word at offset 0. */
  fstatfs(fd: Fd, into: Memory, policy?: Policy): void {
    this.invoke('fstatfs', [fd, into], policy);
  }

  /**
   * getdents64(2): fills memory with directory entries. Each has its length as the 16-bit word at
   * offset 16 and its NUL-terminated name at 19. The result is the bytes of all; 0 at the end.
   */
  getdents64(fd: Fd, memory: Memory, policy?: Policy): Fd {
    return this.invoke('getdents64', [fd, memory, memory.size], policy);
  }

  /** lseek(2); `whence` 0 is SEEK_SET. The result is the new position. */
  lseek(fd: Fd, offset: Value, whence: number, policy?: Policy): Fd {
    return this.invoke('lseek', [fd, offset, whence], policy);
  }

  /** sendfile(2), from where `from` stands. The result is the number of bytes; 0 at the end. */
  sendfile(to: Fd, from: Fd, count: Value, policy?: Policy): Fd {
    return this.invoke('sendfile', [to, from, null, count], policy);
  }

  chdir(path: Text, policy?: Policy): void {
    this.invoke('chdir', [path], policy);
  }

  fchdir(fd: Fd, policy?: Policy): void {
    this.invoke('fchdir', [fd], policy);
  }

  chroot(path: Text, policy?: Policy): void {
    this.invoke('chroot', [path], policy);
  }

  umask(mask: number): void {
    this.invoke('umask', [mask], { allow: 'any' });
  }

  /** memfd_create(2). */
  memfd_create(name: Text, flags: number, policy?: Policy): Fd {
    return this.invoke('memfd_create', [name, flags], policy);
  }

  /** eventfd(2): a counter; its flags are O_CLOEXEC and O_NONBLOCK. */
  eventfd2(initial: Value, flags: number, policy?: Policy): Fd {
    return this.invoke('eventfd2', [initial, flags], policy);
  }

  /** ioctl(2), with a number, a struct or memory as its argument. */
  ioctl(fd: Fd, request: number, argument: Value | Struct | Memory, policy?: Policy): Fd {
    return this.invoke('ioctl', [fd, request, argument], policy);
  }

  /** The current directory, as `*at` calls name it. */
  get cwd(): Fd {
    return AT_FDCWD;
  }
}
