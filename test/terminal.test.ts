import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';
import { newId, OCIRUN, ocirun } from './support/ocirun.ts';
import { withProcess } from './support/process.ts';
import { Programs } from './support/programs.ts';
import { onTerminal, TerminalSession } from './support/terminal.ts';

const container = useBundle();
const programs = Programs.use('console');

beforeEach(() => withProcess(container, { terminal: true }));

const command = (...flags: string[]) =>
  [OCIRUN, 'run', ...flags, '-b', container.bundle.path, newId()].join(' ');

/** What a script in a container with a terminal shows. */
async function shown(script: string): Promise<string> {
  container.bundle.script(script);
  const { status, output } = await onTerminal(command());
  expect({ status, output }).toMatchObject({ status: 0 });
  return output.trim();
}

describe('process.terminal', () => {
  it('is a terminal for all standard streams, and the controlling one', async () => {
    const script = [
      'for fd in 0 1 2; do test -t $fd && echo $fd; done; busybox tty < /dev/tty',
      'busybox tty; test /dev/console -ef /dev/pts/0 && echo same',
    ];
    expect(await shown(script.join('\n'))).toBe('0\n1\n2\n/dev/tty\n/dev/pts/0\nsame');
  });

  it('is all that the container has of it', async () => {
    // The last is of `ls` itself.
    expect(await shown('ls -1 /proc/self/fd; ls -1 /dev/pts')).toBe('0\n1\n2\n3\n0\nptmx');
  });

  it('belongs to the user of the container', async () => {
    withProcess(container, { user: { uid: 1000, gid: 1000 } });
    const script = 'stat -L -c %u:%g /dev/stdin /dev/console; echo again > /dev/stdout';
    expect(await shown(script)).toBe('1000:5\n1000:5\nagain');
  });

  it('works where the image has a console of its own, wherever it leads', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'ocirun-outside-'));
    writeFileSync(join(outside, 'file'), '');
    container.bundle.with((config) => {
      // The image's /dev, with a devpts mounted in it.
      config.mounts = config.mounts.filter(
        ({ destination }: { destination: string }) => !/^\/dev($|\/[^p])/.test(destination),
      );
    });
    mkdirSync(join(container.bundle.rootfs, 'dev/pts'));
    symlinkSync(join(outside, 'file'), join(container.bundle.rootfs, 'dev/console'));
    expect(await shown('busybox tty; test /dev/console -ef /dev/pts/0 && echo same')).toBe(
      '/dev/pts/0\nsame',
    );
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('');
    rmSync(outside, { recursive: true });
  });

  it('is refused without a mount namespace of its own', async () => {
    container.bundle.with((config) => {
      config.linux.namespaces = [{ type: 'pid' }, { type: 'uts' }];
      config.linux.maskedPaths = [];
      config.linux.readonlyPaths = [];
      config.mounts = [];
      config.root.readonly = false;
    });
    expect(await container.refusal()).toMatch(
      /process\.terminal: needs a new mount namespace, for its \/dev\/console$/,
    );
  });
});

describe('a launcher with a terminal', () => {
  it('passes keys, output and the exit status on', async () => {
    container.bundle.script('echo ready; read line; echo "<$line>"; exit 7');
    const session = new TerminalSession(command());
    await session.shows('ready');
    session.type('some words\r');
    expect(await session.end()).toEqual({
      status: 7,
      // Echoed once: by the container's terminal.
      output: 'ready\nsome words\n<some words>\n',
    });
  });

  it('passes Ctrl-C on as a key, which interrupts what is in the foreground there', async () => {
    container.bundle.script('trap "echo interrupted; exit 3" INT; echo ready; sleep 1000');
    const session = new TerminalSession(command());
    await session.shows('ready');
    session.type('\x03');
    expect(await session.end()).toEqual({ status: 3, output: 'ready\n^Cinterrupted\n' });
  });

  it('has it raw, and leaves it as it was', async () => {
    container.bundle.script('echo ready; read line');
    const session = new TerminalSession(`stty -g; ${command()}; stty -g`);
    await session.shows('ready');
    expect(await session.stty('-a')).toMatch(/-icrnl.*\nopost .*\n-isig -icanon -iexten -echo /s);
    session.type('\r');
    const { output } = await session.end();
    const [before, ...rest] = output.trim().split('\n');
    expect(before).toMatch(/^[\da-f:]+$/);
    expect(rest.at(-1)).toBe(before);
  });

  it.each([
    ['a container that is killed', 'kill -9 $$', 137],
    ['a program that is not there', undefined, 1],
  ])('leaves it as it was after %s', async (_, script, status) => {
    // The first process of a PID namespace cannot be killed from within it.
    container.bundle.with(({ linux, process }) => {
      linux.namespaces = linux.namespaces.filter(({ type }: { type: string }) => type !== 'pid');
      process.args = script === undefined ? ['/none'] : ['sh', '-c', script];
    });
    const { output } = await onTerminal(`stty -g; ${command()}; echo $?; stty -g`);
    const lines = output.trim().split('\n');
    expect(lines.at(-2)).toBe(String(status));
    expect(lines.at(-1)).toBe(lines[0]);
  });

  it('gives it the size of its own, whatever the config says, and passes changes on', async () => {
    withProcess(container, { consoleSize: { height: 1, width: 2 } });
    container.bundle.script(
      'busybox stty size; trap "busybox stty size; exit" WINCH; echo ready; while :; do sleep 0.1; done',
    );
    const session = new TerminalSession(command());
    await session.shows('33 99\nready\n');
    await session.stty('rows', '50', 'cols', '120');
    expect(await session.end()).toEqual({ status: 0, output: '33 99\nready\n50 120\n' });
  });

  it('passes all output on, however much there is and however it ends', async () => {
    container.bundle.script('i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo line $i; done');
    const { output } = await onTerminal(command());
    const lines = output.trimEnd().split('\n');
    expect(lines).toHaveLength(20_000);
    expect(lines.every((line, index) => line === `line ${index + 1}`)).toBe(true);
  });

  it('passes much input on to one that is slow to take it', async () => {
    const size = 300_000;
    container.bundle.script(
      `busybox stty raw -echo; echo ready; sleep 1; busybox head -c ${size} | busybox md5sum`,
    );
    const session = new TerminalSession(command());
    await session.shows('ready');
    const keys = Array.from({ length: size }, (_, index) => (index * 7) % 10).join('');
    session.type(keys);
    const { createHash } = await import('node:crypto');
    await session.shows(createHash('md5').update(keys).digest('hex'));
    await session.end();
  });

  it('writes output to a file as it was written', async () => {
    container.bundle.script('echo a; echo b');
    const file = join(container.bundle.path, 'output');
    await onTerminal(`${command()} > ${file}`);
    expect(readFileSync(file, 'utf8')).toBe('a\nb\n');
  });

  it('goes on when its input is at its end', async () => {
    container.bundle.script('echo ready; sleep 0.3; echo done');
    const { status, output } = await onTerminal(`${command()} < /dev/null`);
    expect({ status, output }).toEqual({ status: 0, output: 'ready\ndone\n' });
  });

  it('goes on when nobody takes its output any more', async () => {
    const file = join(container.bundle.rootfs, 'tmp/done');
    container.bundle.with(({ root }) => {
      root.readonly = false;
    });
    container.bundle.script(
      'trap "" PIPE; i=0; while [ $i -lt 30000 ]; do i=$((i+1)); echo line; done; touch /tmp/done',
    );
    await onTerminal(`${command()} | head -n 1`);
    expect(existsSync(file)).toBe(true);
  });

  it('goes on when nobody in the container has the terminal open for a while', async () => {
    const script = 'exec 0<&- 1>&- 2>&-; sleep 0.3; exec 0<>/dev/console 1>&0 2>&0; echo back';
    expect(await shown(script)).toBe('back');
  });

  it('forwards signals', async () => {
    container.bundle.script(
      'trap "echo stopped; exit 5" TERM; echo ready; while :; do sleep 0.1; done',
    );
    const pidFile = join(container.bundle.path, 'launcher');
    const session = new TerminalSession(`sh -c 'echo $$ > ${pidFile}; exec ${command()}'`);
    await session.shows('ready');
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGTERM');
    expect(await session.end()).toEqual({ status: 5, output: 'ready\nstopped\n' });
  });

  it('stays below 200 KiB', async () => {
    container.bundle.script('echo ready; read line');
    const pidFile = join(container.bundle.path, 'launcher');
    const session = new TerminalSession(`sh -c 'echo $$ > ${pidFile}; exec ${command()}'`);
    await session.shows('ready');
    const pid = readFileSync(pidFile, 'utf8').trim();
    const [, resident] =
      /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    session.type('\r');
    await session.end();
    expect(Number(resident)).toBeLessThan(200);
  });
});

describe('a terminal is refused', () => {
  it('in the foreground of what has none', async () => {
    const outcome = await ocirun(['run', '-b', container.bundle.path, newId()], { detached: true });
    expect(outcome).toMatchObject({ status: 1, stdout: '' });
    expect(outcome.stderr).toMatch(
      /process\.terminal: .*no standard stream is one, and there is no controlling one/,
    );
  });

  it.each([['create'], ['run', '--detach']])('by %s %s without a socket for it', async (...how) => {
    const outcome = await ocirun([...how, '-b', container.bundle.path, newId()]);
    expect(outcome).toMatchObject({
      status: 1,
      stderr: 'ocirun: cannot allocate tty if ocirun will detach without setting console socket\n',
    });
  });

  it.each([
    ['in the foreground', 'run', true],
    ['without a terminal', 'create', false],
  ])('a socket for it, %s', async (_, how, terminal) => {
    withProcess(container, { terminal });
    const args = [how, '--console-socket', '/none', '-b', container.bundle.path, newId()];
    expect(await ocirun(args)).toMatchObject({
      status: 1,
      stderr: 'ocirun: cannot use console socket if ocirun will not detach or allocate tty\n',
    });
  });

  it.each([
    ['nobody has made', '/none/socket', /connect to the console socket: connect: no such file/],
    ['is too long', `/${'x'.repeat(107)}`, /invalid console-socket/],
  ])('with a socket that %s', async (_, socket, message) => {
    const args = ['create', '--console-socket', socket, '-b', container.bundle.path, newId()];
    const { status, stderr } = await ocirun(args);
    expect(status).toBeGreaterThan(0);
    expect(stderr).toMatch(message);
  });

  const places: readonly (readonly [what: string, make: (pts: string) => void])[] = [
    ['nothing', () => {}],
    [
      'an ordinary directory with a ptmx',
      (pts) => {
        mkdirSync(pts);
        writeFileSync(join(pts, 'ptmx'), '');
      },
    ],
    ['a link to that of the host', (pts) => symlinkSync('/dev/pts', pts)],
    ['a file', (pts) => writeFileSync(pts, '')],
  ];
  it.each(places)('where /dev/pts is %s', async (_, make) => {
    container.bundle.with((config) => {
      config.mounts = config.mounts.filter(
        ({ destination }: { destination: string }) => !destination.startsWith('/dev'),
      );
    });
    make(join(container.bundle.rootfs, 'dev/pts'));
    const { status, output } = await onTerminal(command());
    expect(status).toBe(1);
    expect(output).toMatch(/process\.terminal: open a pseudo-terminal: /);
  });
});

describe('--console-socket', () => {
  let directory: string;
  let receiver: ChildProcess | undefined;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ocirun-console-'));
  });
  afterEach(() => {
    receiver?.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });

  /** Listens; the result is all that is shown until the container has ended. */
  async function listen(...input: string[]): Promise<{ socket: string; shown: Promise<string> }> {
    const socket = join(directory, 'socket');
    const child = spawn(programs.path('console'), [socket, ...input], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    receiver = child;
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    await expect.poll(() => output).toBe('ready\n');
    const shown = once(child, 'close').then(() => output.replace('ready\n', ''));
    return { socket, shown };
  }

  it('gets the terminal of a container that is created, and started later', async () => {
    withProcess(container, { consoleSize: { height: 25, width: 80 } });
    container.bundle.script('busybox stty size; busybox tty; read line; echo "<$line>"');
    const { socket, shown } = await listen('hello\n');
    const id = newId();
    const args = ['create', '--console-socket', socket, '-b', container.bundle.path, id];
    expect(await ocirun(args)).toMatchObject({ status: 0, stderr: '' });
    expect((await ocirun(['start', id])).status).toBe(0);
    const output = await shown;
    expect(output.replaceAll('\r', '').split('\n')).toEqual(
      expect.arrayContaining(['window 25 80', '25 80', '/dev/pts/0', '<hello>']),
    );
    // The line ends are for who has the master to decide on.
    expect(output).toContain('<hello>\r\n');
    expect((await ocirun(['delete', id])).status).toBe(0);
  });

  it('gets that of one that runs by itself', async () => {
    container.bundle.script('busybox tty');
    const { socket, shown } = await listen();
    const id = newId();
    const args = ['run', '-d', '--console-socket', socket, '-b', container.bundle.path, id];
    expect(await ocirun(args)).toMatchObject({ status: 0, stderr: '' });
    expect(await shown).toBe('window 0 0\n/dev/pts/0\r\n');
    expect((await ocirun(['delete', id])).status).toBe(0);
  });
});
