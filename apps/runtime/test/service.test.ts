import { afterEach, expect, it, vi } from 'vitest';
import { readService } from '../src/service.ts';

afterEach(() => vi.unstubAllEnvs());

function service(variables: Record<string, string | undefined>) {
  const none = { LISTEN_FDS: undefined, LISTEN_PID: undefined, NOTIFY_SOCKET: undefined };
  for (const [name, value] of Object.entries({ ...none, ...variables })) vi.stubEnv(name, value);
  return readService();
}

const own = { LISTEN_PID: String(process.pid) };

it('passes on what a service manager passes to this process', () => {
  expect(service({ ...own, LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:b' })).toEqual({
    listenFds: { count: 2, names: 'a:b' },
  });
  expect(service({ NOTIFY_SOCKET: '/run/notify' })).toEqual({ notifySocket: '/run/notify' });
});

it.each([
  {},
  { LISTEN_FDS: '2' },
  { LISTEN_FDS: '2', LISTEN_PID: '1' },
  { ...own, LISTEN_FDS: '0' },
  { NOTIFY_SOCKET: '' },
])('finds nothing in %j', (variables) => {
  expect(service(variables)).toEqual({});
});

it('refuses what is no number of descriptors', () => {
  expect(() => service({ ...own, LISTEN_FDS: 'two' })).toThrow('LISTEN_FDS: two');
});
