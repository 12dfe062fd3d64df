import type { Config } from '@oci/spec';
import { formatAccess } from '../devices/access.ts';
import { type DeviceRule, deviceRules } from '../devices/rules.ts';
import { allowsAll, simplify } from '../devices/simplify.ts';
import { array, string, struct } from './dbus/values.ts';
import type { Property } from './property.ts';

/** An item of DeviceAllow: a node by number or a driver by name, and `rwm`. */
type Allowed = readonly [device: string, access: string];

/**
 * What systemd is told of devices, as runc tells it: whenever systemd applies the unit anew, as on
 * `systemctl daemon-reload`, it attaches its own filter beside ours, or on version 1 writes over
 * what we wrote.
 *
 * It knows lists of what is allowed alone, of single nodes and whole drivers. Where that cannot say
 * it all, systemd on version 2 is to keep out, and our filter stays alone; on version 1 it denies
 * what it cannot say.
 *
 * @param groups the text of /proc/devices, which names the drivers of major numbers; asked for only
 * when a rule is about all minor numbers of one
 */
export function deviceProperties(
  config: Pick<Config, 'linux'>,
  version: 1 | 2,
  groups: () => string,
): Property[] {
  const given = deviceRules(config);
  if (!given) return [];
  const rules = simplify(given);
  if (allowsAll(rules)) return policy('auto', []);
  const told = rules.map((rule) => (rule.allow ? allowed(rule, groups) : undefined));
  const complete = told.every((items) => items !== undefined);
  if (version === 2 && !complete) return policy('auto', []);
  // What is allowed first and denied later in part must not stay allowed.
  const onlyAllows = rules.every(({ allow }) => allow);
  return policy('strict', onlyAllows ? told.flatMap((items) => items ?? []) : []);
}

/** DevicePolicy= and DeviceAllow= of systemd.resource-control(5). */
function policy(name: 'auto' | 'strict', items: readonly Allowed[]): Property[] {
  const entries = items.map(([device, access]) => struct(string(device), string(access)));
  const list = (value: typeof entries) => ({ name: 'DeviceAllow', value: array('(ss)', value) });
  // A list is added to the one that a unit has, and one of nothing takes that away.
  return [
    { name: 'DevicePolicy', value: string(name) },
    list([]),
    ...(entries.length > 0 ? [list(entries)] : []),
  ];
}

/** A rule as items; undefined where there are none that say it. */
function allowed(rule: DeviceRule, groups: () => string): Allowed[] | undefined {
  const { type, major, minor, access } = rule;
  const kinds = type === undefined ? ['char', 'block'] : [type === 'c' ? 'char' : 'block'];
  const items = kinds.flatMap((kind): Allowed[] => {
    const device = deviceName(kind, major, minor, groups);
    return device === undefined ? [] : [[device, formatAccess(access)]];
  });
  return items.length === kinds.length ? items : undefined;
}

function deviceName(
  kind: string,
  major: number | undefined,
  minor: number | undefined,
  groups: () => string,
): string | undefined {
  if (major === undefined) return minor === undefined ? `${kind}-*` : undefined;
  if (minor !== undefined) return `/dev/${kind}/${major}:${minor}`;
  const driver = driverOf(groups(), kind, major);
  return driver && `${kind}-${driver}`;
}

/** proc_devices(5): a list of numbers and names for each kind of device. */
function driverOf(groups: string, kind: string, major: number): string | undefined {
  const heading = kind === 'char' ? 'Character devices:' : 'Block devices:';
  const [, section = ''] = groups.split(heading);
  const [own = ''] = section.split('\n\n');
  for (const line of own.split('\n')) {
    const [number, name] = line.trim().split(/\s+/);
    if (number === String(major)) return name;
  }
  return undefined;
}
