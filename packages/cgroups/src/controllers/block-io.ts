import { type BlockIO, toInt64, toUint64, type WeightDevice } from '@oci/spec';
import type { Report } from '../report.ts';
import type { Controller, ControllerSetting } from '../setting.ts';

const at = 'linux.resources.blockIO';

/** config-linux.md, "Block IO". */
export const blockIO: Controller = {
  v1: { controller: 'blkio', settings: ({ blockIO = {} }) => legacy(blockIO) },
  v2: { controller: 'io', settings: ({ blockIO = {} }, report) => unified(blockIO, report) },
};

/** Each throttle with its file on version 1 and its key in `io.max` on version 2. */
const throttles = [
  ['throttleReadBpsDevice', 'blkio.throttle.read_bps_device', 'rbps'],
  ['throttleWriteBpsDevice', 'blkio.throttle.write_bps_device', 'wbps'],
  ['throttleReadIOPSDevice', 'blkio.throttle.read_iops_device', 'riops'],
  ['throttleWriteIOPSDevice', 'blkio.throttle.write_iops_device', 'wiops'],
] as const;

interface Device {
  readonly major: number | bigint;
  readonly minor: number | bigint;
}

function name({ major, minor }: Device): string {
  return `${toInt64(major)}:${toInt64(minor)}`;
}

/**
 * admin-guide/cgroup-v1/blkio-controller.rst. The CFQ scheduler's files went with Linux 5.0; BFQ has
 * some of them under a name of its own.
 */
function legacy(blockIO: BlockIO): ControllerSetting[] {
  const settings: ControllerSetting[] = [];
  const { weight = 0, leafWeight = 0, weightDevice = [] } = blockIO;
  if (weight !== 0) settings.push(weightSetting('weight', String(weight), `${at}.weight`));
  if (leafWeight !== 0)
    settings.push({
      file: 'blkio.leaf_weight',
      value: String(leafWeight),
      path: `${at}.leafWeight`,
    });
  for (const [index, device] of weightDevice.entries())
    settings.push(...legacyDevice(device, `${at}.weightDevice[${index}]`));
  for (const [key, file] of throttles)
    for (const [index, device] of (blockIO[key] ?? []).entries())
      settings.push({
        file,
        value: `${name(device)} ${toUint64(device.rate)}`,
        path: `${at}.${key}[${index}].rate`,
      });
  return settings;
}

function legacyDevice(device: WeightDevice, path: string): ControllerSetting[] {
  const { weight = 0, leafWeight = 0 } = device;
  const settings: ControllerSetting[] = [];
  if (weight !== 0)
    settings.push(weightSetting('weight_device', `${name(device)} ${weight}`, `${path}.weight`));
  if (leafWeight !== 0)
    settings.push({
      file: 'blkio.leaf_weight_device',
      value: `${name(device)} ${leafWeight}`,
      path: `${path}.leafWeight`,
    });
  return settings;
}

function weightSetting(file: string, value: string, path: string): ControllerSetting {
  return { file: `blkio.${file}`, value, path, otherwise: { file: `blkio.bfq.${file}`, value } };
}

/** admin-guide/cgroup-v2.rst, "IO Interface Files". */
function unified(blockIO: BlockIO, report: Report): ControllerSetting[] {
  const settings: ControllerSetting[] = [];
  const { weight = 0, leafWeight = 0, weightDevice = [] } = blockIO;
  const refuseLeaf = (value: number, path: string) => {
    if (value !== 0) report(path, 'cgroup v2 has no weights for leaves');
  };
  const setWeight = (prefix: string, value: number, path: string) => {
    // Else the kernel would refuse a number that the config does not have.
    if (value < LEAST_WEIGHT || value > MOST_WEIGHT)
      report(path, `${value} is not from ${LEAST_WEIGHT} to ${MOST_WEIGHT}`);
    settings.push({
      file: 'io.bfq.weight',
      value: `${prefix}${value}`,
      path,
      otherwise: { file: 'io.weight', value: `${prefix}${ioWeight(value)}` },
    });
  };
  if (weight !== 0) setWeight('', weight, `${at}.weight`);
  refuseLeaf(leafWeight, `${at}.leafWeight`);
  for (const [index, device] of weightDevice.entries()) {
    const path = `${at}.weightDevice[${index}]`;
    if (device.weight) setWeight(`${name(device)} `, device.weight, `${path}.weight`);
    refuseLeaf(device.leafWeight ?? 0, `${path}.leafWeight`);
  }
  for (const [key, , limit] of throttles)
    for (const [index, device] of (blockIO[key] ?? []).entries())
      settings.push({
        file: 'io.max',
        value: `${name(device)} ${limit}=${toUint64(device.rate)}`,
        path: `${at}.${key}[${index}].rate`,
      });
  return settings;
}

/** Weights of version 1, as the specification has them. */
const LEAST_WEIGHT = 10;
const MOST_WEIGHT = 1000;

/** A weight of version 1 (10 to 1000) as one of version 2 (1 to 10000), along a line as runc has it. */
function ioWeight(weight: number): number {
  return 1 + Math.floor(((weight - 10) * 9999) / 990);
}
