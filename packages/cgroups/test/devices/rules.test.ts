import type { DeviceCgroup } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import {
  checkDeviceNumbers,
  deviceRules,
  formatAccess,
  parseAccess,
} from '../../src/devices/index.ts';
import { configWith } from './support.ts';

const rules = (...devices: DeviceCgroup[]) => deviceRules(configWith(devices)) ?? [];

describe('device rules', () => {
  it('are none where the config has none', () => {
    expect(deviceRules(configWith())).toBeUndefined();
    expect(deviceRules({})).toBeUndefined();
  });

  it('keep their order, and end with what every container may use', () => {
    const shown = rules({ allow: false, access: 'rwm' }, { allow: true, type: 'c', major: 10 });
    expect(
      shown.map(({ allow, type = 'a', major = '*', minor = '*', access }) =>
        [allow ? 'allow' : 'deny', type, `${major}:${minor}`, formatAccess(access)].join(' '),
      ),
    ).toEqual([
      'deny a *:* rwm',
      'allow c 10:* rwm',
      'allow a *:* m',
      'allow c 1:3 rwm',
      'allow c 1:5 rwm',
      'allow c 1:7 rwm',
      'allow c 1:8 rwm',
      'allow c 1:9 rwm',
      'allow c 5:0 rwm',
      'allow c 5:2 rwm',
      'allow c 136:* rwm',
    ]);
  });

  it('are about all devices where they say nothing, a, or -1', () => {
    const [unset, ...others] = rules(
      { allow: true },
      { allow: true, type: 'a', access: 'rwm' },
      { allow: true, type: '', major: -1, minor: -1, access: 'rwm' },
    ).slice(0, 3);
    expect(unset).toEqual({ allow: true, access: 7, path: 'linux.resources.devices[0]' });
    expect(others.map(({ path, ...rest }) => rest)).toEqual(
      others.map(() => ({ allow: true, access: 7 })),
    );
  });

  it('take zero for a number', () => {
    expect(rules({ allow: true, type: 'b', major: 0, minor: 0 })[0]).toMatchObject({
      major: 0,
      minor: 0,
    });
  });

  it('have numbers that Linux has', () => {
    const config = configWith([
      { allow: true, major: 4095, minor: 1048575 },
      { allow: true, major: 4096, minor: 1048576 },
      { allow: true, major: -1, minor: -2 },
    ]);
    expect(checkDeviceNumbers(config)).toEqual([
      {
        path: 'linux.resources.devices[1].major',
        message: 'must be from 0 to 4095, or -1 for all',
      },
      {
        path: 'linux.resources.devices[1].minor',
        message: 'must be from 0 to 1048575, or -1 for all',
      },
      {
        path: 'linux.resources.devices[2].minor',
        message: 'must be from 0 to 1048575, or -1 for all',
      },
    ]);
    expect(checkDeviceNumbers({})).toEqual([]);
  });
});

it('access is written in the order of the kernel’s lists', () => {
  expect(['mwr', 'm', 'wr', ''].map((text) => formatAccess(parseAccess(text)))).toEqual([
    'rwm',
    'm',
    'rw',
    '',
  ]);
});
