import { CLONE_PIDFD, F_DUPFD, F_DUPFD_CLOEXEC } from '../generated/constants.ts';
import type { SyscallName } from '../generated/syscalls.ts';
import { LiveMemory } from '../live/memory.ts';
import { type Argument, Struct } from '../struct.ts';

/** Calls whose result is a new descriptor. */
const opening: ReadonlySet<SyscallName> = new Set<SyscallName>([
  'accept4',
  'epoll_create1',
  'eventfd2',
  'fsmount',
  'fsopen',
  'fspick',
  'memfd_create',
  'open_tree',
  'openat',
  'openat2',
  'pidfd_getfd',
  'pidfd_open',
  'signalfd4',
  'socket',
  'timerfd_create',
]);

const SELF = 1000;
const PARENT = 999;

function isValueOf(argument: Argument | undefined): argument is number | bigint {
  return typeof argument === 'number' || typeof argument === 'bigint';
}

/** What calls return when nothing is scripted: success, as plainly as can be. */
export class DefaultResults {
  /** Descriptors that were opened and not closed. */
  readonly open = new Set<number>();
  #descriptor = 3;
  #pid = SELF + 1;

  of(call: SyscallName, args: readonly Argument[]): number {
    if (opening.has(call)) return this.#opened();
    const [first, second, third] = args;
    switch (call) {
      case 'close':
        if (isValueOf(first)) this.open.delete(Number(first));
        return 0;
      case 'dup3':
        if (!isValueOf(second)) return 0;
        this.open.add(Number(second));
        return Number(second);
      case 'fcntl':
        return second === F_DUPFD || second === F_DUPFD_CLOEXEC ? this.#opened() : 0;
      case 'pipe2':
        return this.#pair(first);
      case 'socketpair':
        return this.#pair(args[3]);
      case 'write':
        return isValueOf(third) ? Number(third) : 0;
      case 'clone3':
        return this.#cloned(first);
      case 'getpid':
      case 'gettid':
      case 'setsid':
        return SELF;
      case 'getppid':
        return PARENT;
      case 'umask':
        return 0o022;
      default:
        return 0;
    }
  }

  /** Never one that was used before, so that a test can tell any two apart. */
  #opened(): number {
    this.open.add(this.#descriptor);
    return this.#descriptor++;
  }

  #pair(ends: Argument | undefined): number {
    if (!(ends instanceof LiveMemory)) return 0;
    ends.store(0, 4, this.#opened());
    ends.store(4, 4, this.#opened());
    return 0;
  }

  /** The parent's side: a process id, and its descriptor where one is asked for. */
  #cloned(args: Argument | undefined): number {
    if (args instanceof Struct) {
      const field = (wanted: string) => args.fields.find(({ name }) => name === wanted)?.value;
      const flags = field('flags');
      const pidfd = field('pidfd');
      const asked = isValueOf(flags) && (BigInt(flags) & BigInt(CLONE_PIDFD)) !== 0n;
      if (asked && pidfd instanceof LiveMemory) pidfd.store(0, 4, this.#opened());
    }
    return this.#pid++;
  }
}
