import type { DeviceCgroup } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { cpuSet } from '../../src/systemd/cpu-set.ts';
import { deviceProperties } from '../../src/systemd/device-properties.ts';
import { resourceProperties } from '../../src/systemd/resource-properties.ts';
import { unitProperties } from '../../src/systemd/unit-properties.ts';
import { readProperties } from './read-value.ts';

const t = (value: bigint) => ({ type: 't', value });
const infinity = t(2n ** 64n - 1n);

const resources = (files: Readonly<Record<string, string>>) =>
  readProperties(
    resourceProperties(
      Object.entries(files).map(([file, value]) => {
        return { controller: file.split('.')[0] ?? '', file, value, path: '' };
      }),
    ),
  );

describe('limits as properties', () => {
  it('of version 2', () => {
    expect(
      resources({
        'memory.max': '1048576',
        'memory.high': 'max',
        'memory.low': '4096',
        'memory.min': '0',
        'memory.swap.max': 'max',
        'cpu.weight': '39',
        'pids.max': '100',
        'cpuset.cpus': '0-2,9',
        'cpuset.mems': '0',
      }),
    ).toEqual({
      MemoryMax: t(1048576n),
      MemoryHigh: infinity,
      MemoryLow: t(4096n),
      MemoryMin: t(0n),
      MemorySwapMax: infinity,
      CPUWeight: t(39n),
      TasksMax: t(100n),
      AllowedCPUs: { type: 'ay', value: [0b111, 0b10] },
      AllowedMemoryNodes: { type: 'ay', value: [1] },
    });
  });

  it('of version 1', () => {
    expect(
      resources({
        'memory.limit_in_bytes': '-1',
        'cpu.shares': '512',
        'blkio.weight': '10',
        'cpu.cfs_quota_us': '-1',
        'cpu.cfs_period_us': '50000',
      }),
    ).toEqual({
      MemoryLimit: infinity,
      CPUShares: t(512n),
      BlockIOWeight: t(10n),
      CPUQuotaPeriodUSec: t(50000n),
      CPUQuotaPerSecUSec: infinity,
    });
  });

  it.each([
    // Time per period of 0.1 s, or as given; per second, in hundredths, rounded up.
    ['50000', undefined, 500_000n],
    ['50000 100000', 100_000n, 500_000n],
    ['50000 200000', 200_000n, 250_000n],
    ['25500 100000', 100_000n, 260_000n],
    ['100001 1000000', 1_000_000n, 110_000n],
    ['max 100000', 100_000n, 2n ** 64n - 1n],
  ])('of cpu.max %s', (value, period, perSecond) => {
    expect(resources({ 'cpu.max': value })).toEqual({
      ...(period === undefined ? {} : { CPUQuotaPeriodUSec: t(period) }),
      CPUQuotaPerSecUSec: t(perSecond),
    });
  });

  it('are left to the cgroup where systemd has none, or cannot take the value', () => {
    expect(
      resources({
        'io.bfq.weight': '100',
        'memory.max': '1M',
        'cpu.weight': 'idle',
        'cpu.idle': '1',
      }),
    ).toEqual({});
  });
});

describe('a list of numbers', () => {
  it.each([
    ['0', [1]],
    ['7,8', [0x80, 1]],
    ['0-15', [0xff, 0xff]],
    [' 1 , 3-4 ', [0b11010]],
  ])('%s is a mask', (list, mask) => {
    expect([...(cpuSet(list) ?? [])]).toEqual(mask);
  });

  it.each(['', 'a', '3-1', '1-', '0-99999999'])('%j is none', (list) => {
    expect(cpuSet(list)).toBeUndefined();
  });
});

const groups = 'Character devices:\n  1 mem\n136 pts\n\nBlock devices:\n  1 ramdisk\n  8 sd\n';

function devices(version: 1 | 2, ...rules: DeviceCgroup[]) {
  const config = { linux: { resources: { devices: rules } } };
  const found = readProperties(deviceProperties(config, version, () => groups));
  const { DevicePolicy, DeviceAllow } = found;
  return [DevicePolicy, DeviceAllow].map((property) =>
    typeof property === 'object' && 'value' in property ? property.value : property,
  );
}

describe('devices as properties', () => {
  const deny = { allow: false, access: 'rwm' };
  const defaults = [
    ['char-*', 'm'],
    ['block-*', 'm'],
    ['/dev/char/1:3', 'rwm'],
    ['/dev/char/1:5', 'rwm'],
    ['/dev/char/1:7', 'rwm'],
    ['/dev/char/1:8', 'rwm'],
    ['/dev/char/1:9', 'rwm'],
    ['/dev/char/5:0', 'rwm'],
    ['/dev/char/5:2', 'rwm'],
    ['char-pts', 'rwm'],
  ];

  it('are none where the config has none', () => {
    expect(deviceProperties({ linux: {} }, 2, () => groups)).toEqual([]);
  });

  it.each([1, 2] as const)('list what is allowed on version %i', (version) => {
    expect(devices(version, deny)).toEqual(['strict', defaults]);
    const disk = { allow: true, type: 'b', major: 8, access: 'r' };
    expect(devices(version, deny, disk)).toEqual(['strict', [['block-sd', 'r'], ...defaults]]);
  });

  it.each([1, 2] as const)('are free where all are allowed, on version %i', (version) => {
    expect(devices(version, { allow: true })).toEqual(['auto', []]);
  });

  it('that no list can say are denied by version 1, and left to our filter on version 2', () => {
    const hole = { allow: false, type: 'b', major: 8, minor: 0, access: 'rw' };
    expect(devices(1, { allow: true }, hole)).toEqual(['strict', []]);
    expect(devices(2, { allow: true }, hole)).toEqual(['auto', []]);
    for (const odd of [
      { type: 'c', minor: 200 },
      { type: 'b', major: 9 },
    ]) {
      expect(devices(1, deny, { allow: true, ...odd })).toEqual(['strict', defaults]);
      expect(devices(2, deny, { allow: true, ...odd })).toEqual(['auto', []]);
    }
  });
});

it('version 1 accounts for block I/O by its old name', () => {
  const unit = { name: 'a.scope', slice: 'b.slice', container: 'a' };
  const names = (version: 1 | 2) => unitProperties(unit, version).map(({ name }) => name);
  expect(names(1)).toContain('BlockIOAccounting');
  expect(names(1)).not.toContain('IOAccounting');
  expect(names(2)).toContain('IOAccounting');
});
