import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';
import { newId, OCIRUN, type Outcome, run } from './support/ocirun.ts';

const container = useBundle();

/** Runs a container from a shell that becomes the runtime, after `setup`. */
function start(setup: string, script: string, ...flags: string[]): Promise<Outcome> {
  const { bundle } = container;
  bundle.script(script);
  const command = [OCIRUN, 'run', ...flags, '-b', bundle.path, newId()].map((word) => `'${word}'`);
  return run('sh', ['-c', `${setup} exec ${command.join(' ')}`]);
}

describe('sockets of a service', () => {
  const listening = 'LISTEN_PID=$$ LISTEN_FDNAMES=a:b';

  function files(): string {
    const file = (name: string) => {
      const path = join(container.bundle.path, name);
      writeFileSync(path, `${name}\n`);
      return path;
    };
    return `exec 3<'${file('third')}' 4<'${file('fourth')}' 5<'${file('fifth')}';`;
  }

  it('are passed to its container, and nothing else is', async () => {
    const outcome = await start(
      `${files()} LISTEN_FDS=2 ${listening}`,
      'echo $LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES; cat <&3; cat <&4; [ -e /proc/self/fd/5 ] || echo none',
    );
    expect(outcome).toMatchObject({
      status: 0,
      stdout: '2 1 a:b\nthird\nfourth\nnone\n',
      stderr: '',
    });
  });

  it('come before those of --preserve-fds', async () => {
    const outcome = await start(
      `${files()} LISTEN_FDS=1 ${listening}`,
      'echo $LISTEN_FDS; cat <&3; cat <&4; [ -e /proc/self/fd/5 ] || echo none',
      '--preserve-fds=1',
    );
    expect(outcome).toMatchObject({ status: 0, stdout: '1\nthird\nfourth\nnone\n', stderr: '' });
  });

  it('are not passed when they are meant for another process', async () => {
    const outcome = await start(
      `${files()} LISTEN_FDS=2 LISTEN_PID=1`,
      'echo "<$LISTEN_FDS$LISTEN_PID>"; [ -e /proc/self/fd/3 ] || echo none',
    );
    expect(outcome).toMatchObject({ status: 0, stdout: '<>\nnone\n', stderr: '' });
  });

  it('that are not there are missed', async () => {
    const { status, stderr } = await start(`LISTEN_FDS=2 ${listening} 3<&- 4<&-`, 'true');
    expect(status).toBe(1);
    expect(stderr).toMatch(/descriptor/);
  });
});

describe('NOTIFY_SOCKET', () => {
  const look = 'echo $NOTIFY_SOCKET; stat -c %F:%i $NOTIFY_SOCKET';

  it('is there in the container, as a socket of its own name', async () => {
    const path = join(container.bundle.path, 'notify');
    const server = createServer().listen(path);
    await once(server, 'listening');
    try {
      const outcome = await start(`NOTIFY_SOCKET='${path}'`, look);
      expect(outcome).toMatchObject({
        status: 0,
        stdout: `/run/notify/notify.sock\nsocket:${statSync(path).ino}\n`,
        stderr: '',
      });
    } finally {
      server.close();
    }
  });

  it('is refused where it has no file', async () => {
    const { status, stderr } = await start('NOTIFY_SOCKET=@abstract', look);
    expect(status).toBe(1);
    expect(stderr).toContain('NOTIFY_SOCKET: @abstract is not an absolute path');
  });

  it('that is empty is none', async () => {
    const outcome = await start('NOTIFY_SOCKET=', 'echo "<$NOTIFY_SOCKET>"');
    expect(outcome).toMatchObject({ status: 0, stdout: '<>\n', stderr: '' });
  });
});
