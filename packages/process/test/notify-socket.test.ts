import { checkConfig } from '@oci/spec';
import { expect, it } from 'vitest';
import { environment, withNotifySocket } from '../src/index.ts';
import { bare, configWith } from './config.ts';

const config = configWith({ ...bare, env: ['A=1', 'NOTIFY_SOCKET=/elsewhere'] });

it('mounts the socket and names it, last of all', () => {
  const changed = withNotifySocket(config, '/run/systemd/notify');
  expect(changed.mounts?.slice(0, -1)).toEqual(config.mounts);
  expect(changed.mounts?.at(-1)).toEqual({
    destination: '/run/notify/notify.sock',
    type: 'bind',
    source: '/run/systemd/notify',
    options: ['bind', 'nosuid', 'noexec', 'nodev', 'ro'],
  });
  expect(environment(changed).entries).toEqual(['A=1', 'NOTIFY_SOCKET=/run/notify/notify.sock']);
  expect(() => checkConfig({ ...changed, hostname: undefined })).not.toThrow();
});

it('leaves the config that it was given as it was', () => {
  const before = structuredClone(config);
  withNotifySocket(config, '/s');
  expect(config).toEqual(before);
});

it.each(['@abstract', 'vsock:2:1234', 'notify', ''])(
  'refuses %j, which no mount leads to',
  (path) => {
    expect(() => withNotifySocket(config, path)).toThrow(
      /NOTIFY_SOCKET: .*is not an absolute path/,
    );
  },
);
