import type { Memory } from '../memory.ts';
import type { Policy } from '../policy.ts';
import { type Struct, Vector } from '../struct.ts';
import { type CloneArgs, cloneArgs, rlimit, signalSet, timespec } from '../structs.ts';
import type { Text } from '../text.ts';
import type { Fd, Pid, Value } from '../values.ts';
import { MountCalls } from './mounts.ts';

/** Calls on processes, signals, namespaces and limits. */
export abstract class ProcessCalls extends MountCalls {
  /** clone3(2), Linux 5.3. Only launchers can go on in the child. */
  clone3(args: CloneArgs, policy?: Policy): Pid {
    const struct = cloneArgs(args);
    return this.invoke('clone3', [struct, struct.size], policy);
  }

  unshare(flags: number, policy?: Policy): void {
    this.invoke('unshare', [flags], policy);
  }

  /** setns(2); `type` is the CLONE_NEW* bit the descriptor must be of. */
  setns(fd: Fd, type: number, policy?: Policy): void {
    this.invoke('setns', [fd, type], policy);
  }

  execve(path: Text, args: readonly Text[], environment: readonly Text[], policy?: Policy): Fd {
    return this.invoke('execve', [path, new Vector(args), new Vector(environment)], policy);
  }

  /** execveat(2) of a descriptor, with AT_EMPTY_PATH. */
  execveat(
    dirfd: Fd,
    path: Text,
    args: readonly Text[],
    environment: readonly Text[],
    flags: number,
    policy?: Policy,
  ): Fd {
    const vectors = [new Vector(args), new Vector(environment)];
    return this.invoke('execveat', [dirfd, path, ...vectors, flags], policy);
  }

  exit_group(status: Value): void {
    this.invoke('exit_group', [status], { allow: 'any' });
  }

  getpid(): Pid {
    return this.invoke('getpid', []);
  }

  getppid(): Pid {
    return this.invoke('getppid', []);
  }

  setsid(policy?: Policy): Pid {
    return this.invoke('setsid', [], policy);
  }

  /** waitid(2); `into` takes a siginfo_t of 128 bytes: si_code at 8, si_status at 24. */
  waitid(
    type: number,
    id: Value,
    into: Memory | null,
    options: number,
    usage: Memory | null = null,
    policy?: Policy,
  ): Fd {
    return this.invoke('waitid', [type, id, into, options, usage], policy);
  }

  /** wait4(2); `status` takes four bytes. The result is the child's id, 0 with WNOHANG. */
  wait4(pid: Value, status: Memory | null, options: number, policy?: Policy): Pid {
    return this.invoke('wait4', [pid, status, options, null], policy);
  }

  kill(pid: Value, signal: Value, policy?: Policy): void {
    this.invoke('kill', [pid, signal], policy);
  }

  /** pidfd_open(2), Linux 5.3. */
  pidfd_open(pid: Pid, flags = 0, policy?: Policy): Fd {
    return this.invoke('pidfd_open', [pid, flags], policy);
  }

  /** pidfd_getfd(2), Linux 5.6: a copy of another process's descriptor, closed on exec. */
  pidfd_getfd(pidfd: Fd, fd: Fd, policy?: Policy): Fd {
    return this.invoke('pidfd_getfd', [pidfd, fd, 0], policy);
  }

  /** pidfd_send_signal(2), Linux 5.1. */
  pidfd_send_signal(pidfd: Fd, signal: Value, policy?: Policy): Fd {
    return this.invoke('pidfd_send_signal', [pidfd, signal, null, 0], policy);
  }

  /** rt_sigaction(2). */
  rt_sigaction(signal: number, action: Struct, policy?: Policy): void {
    this.invoke('rt_sigaction', [signal, action, null, 8], policy);
  }

  /** rt_sigprocmask(2); `how` is SIG_BLOCK, SIG_UNBLOCK or SIG_SETMASK. */
  rt_sigprocmask(how: number, signals: readonly number[], policy?: Policy): void {
    this.invoke('rt_sigprocmask', [how, signalSet(signals), null, 8], policy);
  }

  /** rt_sigtimedwait(2) without a time limit: the result is the signal's number. */
  rt_sigwait(signals: readonly number[], info: Memory | null, policy?: Policy): Fd {
    return this.invoke('rt_sigtimedwait', [signalSet(signals), info, null, 8], policy);
  }

  /** rt_sigtimedwait(2) without waiting: a pending signal's number, or -EAGAIN where allowed. */
  rt_sigpoll(signals: readonly number[], policy?: Policy): Fd {
    const atOnce = timespec(0, 0);
    return this.invoke('rt_sigtimedwait', [signalSet(signals), null, atOnce, 8], policy);
  }

  /** signalfd(2), of these signals; `flags` are O_CLOEXEC and O_NONBLOCK. */
  signalfd(signals: readonly number[], flags: number, policy?: Policy): Fd {
    return this.invoke('signalfd4', [-1, signalSet(signals), 8, flags], policy);
  }

  prctl(option: number, a: Value | Text = 0, b: Value = 0, policy?: Policy): Fd {
    return this.invoke('prctl', [option, a, b, 0, 0], policy);
  }

  /** prlimit(2), reading only: 16 bytes, soft and hard limit. Process 0 is the calling one. */
  getrlimit(pid: Pid, resource: number, into: Memory, policy?: Policy): Fd {
    return this.invoke('prlimit64', [pid, resource, null, into], policy);
  }

  /** prlimit(2) of the calling process. */
  setrlimit(resource: number, soft: number | bigint, hard: number | bigint, policy?: Policy): void {
    this.invoke('prlimit64', [0, resource, rlimit(soft, hard), null], policy);
  }

  /** futex(2). */
  futex(word: Memory, operation: number, value: Value, policy?: Policy): Fd {
    return this.invoke('futex', [word, operation, value, null, null, 0], policy);
  }

  /** clock_nanosleep(2) for this long, or until a signal comes where EINTR is allowed. */
  clock_nanosleep(clock: number, time: Struct, policy?: Policy): Fd {
    return this.invoke('clock_nanosleep', [clock, 0, time, null], policy);
  }

  /** clock_gettime(2): 16 bytes, seconds and nanoseconds. */
  clock_gettime(clock: number, into: Memory, policy?: Policy): void {
    this.invoke('clock_gettime', [clock, into], policy);
  }
}
