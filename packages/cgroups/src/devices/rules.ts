import type { Config, DeviceCgroup, Issue } from '@oci/spec';
import { type Access, parseAccess } from './access.ts';

export type NodeType = 'b' | 'c';

/** One decision about a set of devices. Without a type, major or minor it is about all of them. */
export interface DeviceRule {
  readonly allow: boolean;
  readonly type?: NodeType;
  readonly major?: number;
  readonly minor?: number;
  readonly access: Access;
  /** Where the config says so: `linux.resources.devices[2]`. */
  readonly path: string;
}

/**
 * What every container may use, whatever its config says: the nodes of config-linux.md, "Default
 * Devices", with the slaves of its pseudoterminals. Nodes of any number may be made, since making
 * one opens nothing. runc appends the same list to a config's rules.
 */
const defaults: readonly DeviceCgroup[] = [
  { allow: true, access: 'm' },
  ...(
    [
      ['/dev/null', 1, 3],
      ['/dev/zero', 1, 5],
      ['/dev/full', 1, 7],
      ['/dev/random', 1, 8],
      ['/dev/urandom', 1, 9],
      ['/dev/tty', 5, 0],
      ['/dev/ptmx', 5, 2],
    ] as const
  ).map(([, major, minor]) => ({ allow: true, type: 'c', major, minor, access: 'rwm' })),
  { allow: true, type: 'c', major: 136, access: 'rwm' },
];

/**
 * The rules of a config, in order, the default ones last; undefined when it has none, and a
 * container then uses the devices that its parent cgroup may use.
 *
 * A later rule has the last word on the devices and the kinds of access that it names, and nothing
 * is allowed that no rule allows.
 */
export function deviceRules({ linux }: Pick<Config, 'linux'>): DeviceRule[] | undefined {
  const rules = linux?.resources?.devices;
  if (rules === undefined) return undefined;
  return [
    ...rules.map((rule, index) => deviceRule(rule, `linux.resources.devices[${index}]`)),
    ...defaults.map((rule) => deviceRule(rule, 'linux.resources.devices')),
  ];
}

/** Without a type a rule is about nodes of both, of the numbers that it names. */
function deviceRule({ allow, type, major, minor, access }: DeviceCgroup, path: string): DeviceRule {
  return {
    allow,
    ...(type === 'b' || type === 'c' ? { type } : {}),
    ...(isWild(major) ? {} : { major: Number(major) }),
    ...(isWild(minor) ? {} : { minor: Number(minor) }),
    access: parseAccess(access ?? 'rwm'),
    path,
  };
}

/** Engines write -1 for all, as runc's own type has it. */
function isWild(number: number | bigint | undefined): boolean {
  return number === undefined || Number(number) === -1;
}

/** Device numbers as the kernel holds them: 12 and 20 bits (`MINORBITS` of linux/kdev_t.h). */
const limits = { major: 2 ** 12 - 1, minor: 2 ** 20 - 1 } as const;

/** What `@oci/spec` lets pass and no device can match, on any version of cgroups. */
export function checkDeviceNumbers({ linux }: Pick<Config, 'linux'>): Issue[] {
  return (linux?.resources?.devices ?? []).flatMap((rule, index) =>
    (['major', 'minor'] as const)
      .filter((key) => !isWild(rule[key]) && !inRange(rule[key], limits[key]))
      .map((key) => ({
        path: `linux.resources.devices[${index}].${key}`,
        message: `must be from 0 to ${limits[key]}, or -1 for all`,
      })),
  );
}

function inRange(number: number | bigint | undefined, limit: number): boolean {
  return number !== undefined && number >= 0 && number <= limit;
}
