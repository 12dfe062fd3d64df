import type { DeviceCgroup } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { formatAccess, parseAccess } from '../../src/devices/access.ts';
import {
  changesDefault,
  checkDeviceList,
  type DeviceAccess,
  deviceChanges,
  deviceRules,
  deviceSettings,
  inverseOf,
} from '../../src/devices/index.ts';
import { asConfigured, configWith, everything, randomRules, reference, seeded } from './support.ts';

const writes = (devices: readonly DeviceCgroup[], options = {}) =>
  deviceSettings(configWith(devices), options).map(({ file, value }) => `${file} ${value}`);

const defaults = [
  'devices.allow c *:* m',
  'devices.allow b *:* m',
  'devices.allow c 1:3 rwm',
  'devices.allow c 1:5 rwm',
  'devices.allow c 1:7 rwm',
  'devices.allow c 1:8 rwm',
  'devices.allow c 1:9 rwm',
  'devices.allow c 5:0 rwm',
  'devices.allow c 5:2 rwm',
  'devices.allow c 136:* rwm',
];

describe('devices on cgroup v1', () => {
  it('are left alone without rules', () => {
    expect(deviceSettings(configWith())).toEqual([]);
    expect(checkDeviceList(configWith())).toEqual([]);
  });

  it('are denied first, then allowed one by one', () => {
    const fuse: DeviceCgroup = { allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' };
    expect(writes([{ allow: false, access: 'rwm' }, fuse])).toEqual([
      'devices.deny a',
      'devices.allow c 10:229 rwm',
      ...defaults,
    ]);
  });

  it('name the rule that asks', () => {
    const [all, ours] = deviceSettings(
      configWith([{ allow: false }, { allow: true, type: 'b', major: 8 }]),
    );
    expect(all).toEqual({
      controller: 'devices',
      file: 'devices.deny',
      value: 'a',
      path: 'linux.resources.devices',
    });
    expect(ours?.path).toBe('linux.resources.devices[1]');
  });

  it('take no write where everything is allowed to a new cgroup', () => {
    expect(writes([{ allow: true, access: 'rwm' }])).toEqual([]);
    expect(writes([{ allow: true, access: 'rwm' }], { existing: true })).toEqual([
      'devices.allow a',
    ]);
  });

  it('are denied one by one where the rest is allowed', () => {
    const disk: DeviceCgroup = { allow: false, type: 'b', major: 8, minor: 0, access: 'rwm' };
    expect(writes([{ allow: true }, disk])).toEqual(['devices.allow a', 'devices.deny b 8:0 rw']);
  });

  it('are changed one by one where a list stays one', () => {
    const fuse: DeviceCgroup = { allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' };
    const list = (devices: readonly DeviceCgroup[]) =>
      deviceSettings(configWith(devices))
        .slice(1)
        .map(({ value }) => value)
        .join('\n');
    const changes = (before: string, devices: readonly DeviceCgroup[]) =>
      deviceChanges(configWith(devices), before).map(
        ({ file, value, path }) => `${file} ${value} (${path})`,
      );
    const at = 'linux.resources.devices';
    expect(changes(list([]), [fuse])).toEqual([`devices.allow c 10:229 rwm (${at}[0])`]);
    expect(changes(list([fuse]), [{ ...fuse, access: 'r' }])).toEqual([
      `devices.deny c 10:229 w (${at}[0])`,
    ]);
    expect(changes(list([{ ...fuse, access: 'r' }]), [{ ...fuse, access: 'w' }])).toEqual([
      `devices.allow c 10:229 w (${at}[0])`,
      `devices.deny c 10:229 r (${at}[0])`,
    ]);
    expect(changes(list([fuse]), [])).toEqual([`devices.deny c 10:229 rwm (${at})`]);
    expect(changes(list([fuse]), [fuse])).toEqual([]);
    const all = 'a *:* rwm';
    expect(changes(all, [fuse])[0]).toBe(`devices.deny a (${at})`);
    expect(changes(list([]), [{ allow: true }])).toEqual([`devices.allow a (${at})`]);
    const [allow, deny] = deviceChanges(configWith([{ ...fuse, access: 'w' }]), list([fuse]));
    expect([deny, allow && inverseOf(allow)?.file]).toEqual([undefined, 'devices.allow']);
    expect(deviceChanges(configWith([]), all).map((setting) => inverseOf(setting))[0]).toBe(
      undefined,
    );
  });

  it('cannot be denied within a wildcard', () => {
    const hole = [
      { allow: false },
      { allow: true, type: 'b', major: 8 },
      { allow: false, type: 'b', major: 8, minor: 0, access: 'w' },
    ];
    expect(checkDeviceList(configWith(hole))).toEqual([
      {
        path: 'linux.resources.devices[2]',
        message: 'cgroup v1 cannot deny a part of what another rule allows with a wildcard',
      },
    ]);
  });

  it('are decided by the kernel’s list as by the rules, for many random lists', () => {
    const random = seeded(2);
    let expressible = 0;
    for (let round = 0; round < 1000; round++) {
      const rules = randomRules(random, 1 + Math.floor(random() * 6));
      const config = configWith(rules.map(asConfigured));
      if (checkDeviceList(config).length > 0) continue;
      expressible++;
      const list = new KernelList();
      for (const { file, value } of deviceSettings(config, { existing: true }))
        list.write(file, value);
      const expected = deviceRules(config) ?? [];
      for (const asked of everything)
        if (list.allows(asked) !== reference(expected, asked))
          expect.fail(`${JSON.stringify(asked)} of ${JSON.stringify(rules)}`);
    }
    expect(expressible).toBeGreaterThan(300);
  });

  it('are changed from any list to any other, and what both allow is never out of reach', () => {
    const random = seeded(5);
    const list = new KernelList();
    let [before, changed] = [reference.bind(undefined, []), 0];
    for (let round = 0; round < 400; round++) {
      const rules = randomRules(random, 1 + Math.floor(random() * 6));
      const config = configWith(rules.map(asConfigured));
      if (checkDeviceList(config).length > 0) continue;
      const changes = deviceChanges(config, list.text());
      const after = reference.bind(undefined, deviceRules(config) ?? []);
      const always = everything.filter((asked) => before(asked) && after(asked));
      const isWhole = changesDefault(changes);
      for (const { file, value } of changes) {
        list.write(file, value);
        if (!isWhole && !always.every((asked) => list.allows(asked))) expect.fail(value);
      }
      if (!isWhole) changed++;
      for (const asked of everything)
        if (list.allows(asked) !== after(asked))
          expect.fail(`${JSON.stringify(asked)} of ${JSON.stringify(rules)}`);
      before = after;
    }
    expect(changed).toBeGreaterThan(50);
  });
});

interface Entry {
  readonly device: string;
  access: number;
}

/**
 * The list of one cgroup as security/device_cgroup.c keeps it: exceptions are found by equal type
 * and numbers when they are written, and one must allow all that is wanted at once.
 */
class KernelList {
  #allowByDefault = true;
  #exceptions: Entry[] = [];

  write(file: string, value: string): void {
    const allow = file === 'devices.allow';
    if (value === 'a') {
      this.#allowByDefault = allow;
      this.#exceptions = [];
      return;
    }
    const [type, numbers, letters = ''] = value.split(' ');
    const device = `${type} ${numbers}`;
    const access = parseAccess(letters);
    const known = this.#exceptions.find((entry) => entry.device === device);
    if (allow === this.#allowByDefault) {
      if (known) known.access &= ~access;
    } else if (known) known.access |= access;
    else this.#exceptions.push({ device, access });
  }

  /** What `devices.list` shows: of what is denied where all is allowed, nothing. */
  text(): string {
    if (this.#allowByDefault) return 'a *:* rwm\n';
    return this.#exceptions
      .filter(({ access }) => access !== 0)
      .map(({ device, access }) => `${device} ${formatAccess(access)}\n`)
      .join('');
  }

  allows({ type, major, minor, access }: DeviceAccess): boolean {
    const about = this.#exceptions.filter(({ device }) =>
      [`${major}:${minor}`, `${major}:*`, `*:${minor}`, '*:*'].some(
        (numbers) => device === `${type} ${numbers}`,
      ),
    );
    return this.#allowByDefault
      ? about.every((entry) => (entry.access & access) === 0)
      : about.some((entry) => (access & ~entry.access) === 0);
  }
}
