import { SIGCHLD, SIGTERM, SIGWINCH } from '@oci/kernel';
import { type FakeCall, FakeKernel, FakeMemory } from '@oci/kernel/fake';
import { superviseTerminal } from '@oci/sync';
import { describe, expect, it } from 'vitest';

const CONTAINER = 50;
const PIDFD = 9;
const MASTER = 20;
const EAGAIN = -11;
const EINTR = -4;

/** What the supervisor waits for, in the order of its table. */
const entries = ['signal', 'input', 'output'] as const;
type Event = readonly [which: (typeof entries)[number], bytes?: string | number] | 'interrupted';

/** Relays while these things happen; then the container ends with 7. */
function relay(...events: readonly Event[]) {
  const k = new FakeKernel();
  const coming: Event[] = [...events, ['signal', SIGCHLD]];
  let event: Event | undefined;
  const drained = ['rest'];
  k.returns('ppoll', ({ args: [table] }: FakeCall) => {
    if (!(table instanceof FakeMemory)) throw new Error('ppoll without memory');
    event = coming.shift();
    // While the output is drained.
    if (event === undefined) return 1;
    if (event === 'interrupted') return EINTR;
    const [which] = event;
    for (const [index, name] of entries.entries())
      table.store(index * 8 + 6, 2, name === which ? 1 : 0);
    return 1;
  });
  k.returns('read', ({ args: [, memory] }: FakeCall) => {
    if (!(memory instanceof FakeMemory)) throw new Error('read without memory');
    const [, what] = Array.isArray(event) ? event : [];
    const bytes =
      event === undefined || (what === SIGCHLD && memory.name === 'output')
        ? drained.shift()
        : what;
    if (bytes === undefined) return EAGAIN;
    if (typeof bytes === 'number') {
      memory.store(0, 4, bytes);
      return 128;
    }
    return memory.bytes.write(bytes);
  });
  k.returns('ioctl', ({ args: [, , memory] }: FakeCall) => {
    if (memory instanceof FakeMemory && memory.name === 'window size') memory.store(0, 4, 1);
    return 0;
  });
  k.returns(
    'wait4',
    ({ args: [, status] }: FakeCall) => {
      if (status instanceof FakeMemory) status.store(0, 4, 7 << 8);
      return CONTAINER;
    },
    { times: 1 },
  );
  const user = { fd: 2, settings: k.memory('settings', 36) };
  const code = superviseTerminal(k, CONTAINER, PIDFD, user, MASTER);
  const lines = k.lines.filter((line) => !line.startsWith('ppoll'));
  return { code, lines, start: lines.slice(0, 3), rest: lines.slice(3) };
}

const END = [
  'read(3, signal, 128)',
  'wait4(-1, status, WNOHANG, NULL)',
  'wait4(-1, status, WNOHANG, NULL)',
];
const DRAIN = [
  `read(${MASTER}, output, 4096)`,
  'write(1, output, 4)',
  `read(${MASTER}, output, 4096)`,
  'ioctl(2, TCSETS, settings)',
];

describe('a relay', () => {
  it('waits for signals, is raw, and in the end drains the output and restores the terminal', () => {
    const { code, start, rest } = relay();
    expect(start[0]).toMatch(/^signalfd4\(-1, \{bits=.*\}, 8, O_NONBLOCK\|O_CLOEXEC\)$/);
    expect(start.slice(1)).toEqual([
      'ioctl(2, TCGETS, raw settings)',
      'ioctl(2, TCSETS, raw settings)',
    ]);
    expect(rest).toEqual([...END, ...DRAIN]);
    expect(code).toBe(7);
  });

  it('moves keys in and output out', () => {
    expect(relay(['input', 'keys'], ['input'], ['output', 'words'], ['output']).rest).toEqual([
      'read(0, input, 4096)',
      `write(${MASTER}, input, 4)`,
      `read(${MASTER}, output, 4096)`,
      'write(1, output, 5)',
      ...END,
      ...DRAIN,
    ]);
  });

  it('passes the size on when the window changes, and that signal not', () => {
    expect(relay(['signal', SIGWINCH]).rest).toEqual([
      'read(3, signal, 128)',
      'ioctl(2, TIOCGWINSZ, window size)',
      `ioctl(${MASTER}, TIOCSWINSZ, window size)`,
      ...END,
      ...DRAIN,
    ]);
  });

  it('forwards other signals', () => {
    expect(relay(['signal', SIGTERM]).rest).toEqual([
      'read(3, signal, 128)',
      'pidfd_send_signal(9, SIGTERM, NULL, 0)',
      ...END,
      ...DRAIN,
    ]);
  });

  it('does nothing when it was stopped and continued', () => {
    expect(relay(['input', 'keys'], 'interrupted', ['input']).rest).toEqual([
      'read(0, input, 4096)',
      `write(${MASTER}, input, 4)`,
      ...END,
      ...DRAIN,
    ]);
  });
});
