import { Provision, type Text } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import {
  descriptorsStage,
  type Executable,
  execStage,
  inheritanceStage,
  type ListenFds,
  preservedDescriptors,
  readListenFds,
} from '../src/index.ts';
import { bare, configWith } from './config.ts';

describe('readListenFds', () => {
  it('reads what is meant for this process', () => {
    const read = (environment: Record<string, string>) => readListenFds(environment, 42);
    expect(read({ LISTEN_FDS: '2', LISTEN_PID: '42' })).toEqual({ count: 2 });
    expect(read({ LISTEN_FDS: '2', LISTEN_PID: '42', LISTEN_FDNAMES: 'a:b' })).toEqual({
      count: 2,
      names: 'a:b',
    });
    expect(read({ LISTEN_FDS: '2', LISTEN_PID: '41' })).toBeUndefined();
    expect(read({ LISTEN_FDS: '2' })).toBeUndefined();
    expect(read({ LISTEN_FDS: '0', LISTEN_PID: '42' })).toBeUndefined();
    expect(read({ LISTEN_PID: '42' })).toBeUndefined();
  });

  it.each(['-1', '1x', '1e3', ' 1', '4097'])('refuses %j', (LISTEN_FDS) => {
    expect(() => readListenFds({ LISTEN_FDS, LISTEN_PID: '1' }, 1)).toThrow(
      `LISTEN_FDS: ${LISTEN_FDS} is no number of descriptors`,
    );
  });
});

describe('the sockets of a container', () => {
  const listenFds: ListenFds = { count: 2, names: 'web:admin' };
  const config = (pid: object = {}) =>
    configWith(
      { ...bare, env: ['LISTEN_FDS=9', 'HOME=/', 'LISTEN_PID=9', 'LISTEN_FDNAMES=x'] },
      { namespaces: [{ type: 'pid', ...pid }] },
    );

  function exec(from: ReturnType<typeof config>, fds: ListenFds | undefined = listenFds) {
    const kernel = new FakeKernel();
    kernel.returns('getpid', 77);
    const executable = new Provision<Executable>('executable');
    executable.provide({ candidates: ['/bin/true'], chosen: 0 });
    const home = new Provision<Text>('HOME');
    execStage(from, { ...(fds && { listenFds: fds }), executable, home }).run(kernel);
    return kernel.lines;
  }

  it('come before those of --preserve-fds, and are kept with them', () => {
    expect(preservedDescriptors({ preserveFds: 1, listenFds })).toBe(3);
    expect(preservedDescriptors({ preserveFds: 1 })).toBe(1);
    const kernel = new FakeKernel();
    descriptorsStage({ preserveFds: 1, listenFds }).run(kernel);
    expect(kernel.lines).toEqual(['close_range(6, 0xffffffff, 0)']);
    inheritanceStage({ preserveFds: 1, listenFds }).run(kernel);
    expect(kernel.lines.slice(-3)).toEqual([3, 4, 5].map((fd) => `fcntl(${fd}, F_SETFD, 0)`));
  });

  it('are named in its environment, in place of what the config says', () => {
    expect(exec(config()).at(-1)).toBe(
      'execve("/bin/true", ["/bin/true"], ["HOME=/", "LISTEN_FDS=2", "LISTEN_PID=1", "LISTEN_FDNAMES=web:admin"])',
    );
    expect(exec(config(), { count: 1 }).at(-1)).toContain(
      '["HOME=/", "LISTEN_FDS=1", "LISTEN_PID=1"]',
    );
  });

  it('are for its process, which is not process 1 in another’s namespace', () => {
    expect(exec(config({ path: '/proc/1/ns/pid' })).at(-1)).toContain('"LISTEN_PID=77"');
  });

  it('are none without socket activation: the config’s variables stay', () => {
    const kernel = new FakeKernel();
    const executable = new Provision<Executable>('executable');
    executable.provide({ candidates: ['/bin/true'], chosen: 0 });
    const home = new Provision<Text>('HOME');
    execStage(config(), { executable, home }).run(kernel);
    expect(kernel.lines.at(-1)).toContain('"LISTEN_FDS=9"');
  });
});
