import type { Config, Issue } from '@oci/spec';
import type { Setting } from '../setting.ts';
import { type Access, formatAccess, parseAccess } from './access.ts';
import { type DeviceRule, deviceRules, type NodeType } from './rules.ts';
import { allowsAll, covers, decidesAll, overlap, simplify } from './simplify.ts';

type TypedRule = DeviceRule & { readonly type: NodeType };

const ALLOW = 'devices.allow';
const DENY = 'devices.deny';
const ALL_DEVICES = 'a';

/** What one devices cgroup of v1 can hold: a default, and exceptions to it. */
interface List {
  readonly allowByDefault: boolean;
  readonly exceptions: readonly TypedRule[];
}

/**
 * The writes to devices.deny and devices.allow of cgroup v1 that bring a cgroup to the rules of a
 * config (Documentation/admin-guide/cgroup-v1/devices.rst). The list must have passed
 * {@link checkDeviceList}.
 *
 * @param options.existing the cgroup may hold rules of its own already. A new one holds those of its
 * parent, and cannot be allowed more than that, so that "allow everything" is then no write at all.
 */
export function deviceSettings(
  config: Pick<Config, 'linux'>,
  { existing = false }: { readonly existing?: boolean } = {},
): Setting[] {
  const rules = simplified(config);
  const list = rules && listOf(rules);
  if (!list) return [];
  const { allowByDefault, exceptions } = list;
  if (allowByDefault && exceptions.length === 0 && !existing) return [];
  const [first, rest] = allowByDefault ? [ALLOW, DENY] : [DENY, ALLOW];
  return [
    setting(first, ALL_DEVICES, 'linux.resources.devices'),
    ...exceptions.map((rule) => setting(rest, line(rule), rule.path)),
  ];
}

/** Writes that change everything at once: the kernel takes none for a cgroup with others below. */
export function changesDefault(settings: readonly Setting[]): boolean {
  return settings.some(({ value }) => value === ALL_DEVICES);
}

/**
 * Like {@link deviceSettings}, for a cgroup with these rules, as its `devices.list` shows them. One
 * that denies all but exceptions, and is to go on so, has these changed one by one: what may be used
 * before and after can be used in between.
 */
export function deviceChanges(config: Pick<Config, 'linux'>, list: string): Setting[] {
  const settings = deviceSettings(config, { existing: true });
  const before = accessesOf(list.split('\n'));
  const [whole, ...exceptions] = settings;
  if (whole?.file !== DENY || before.has(ALL_DEVICES)) return settings;
  const after = accessesOf(exceptions.map(({ value }) => value));
  const change = (file: string, from: Accesses, to: Accesses) =>
    [...to].flatMap(([device, access]) => {
      const letters = formatAccess(access & ~(from.get(device) ?? 0));
      const { path = '' } = exceptions.find(({ value }) => value.startsWith(`${device} `)) ?? whole;
      return letters === '' ? [] : [setting(file, `${device} ${letters}`, path)];
    });
  return [...change(ALLOW, before, after), ...change(DENY, after, before)];
}

/** What undoes one of the {@link deviceChanges}, unless it changes all at once. */
export function inverseOf(setting: Setting): Setting | undefined {
  if (setting.value === ALL_DEVICES) return undefined;
  return { ...setting, file: setting.file === ALLOW ? DENY : ALLOW };
}

type Accesses = ReadonlyMap<string, Access>;

/** Of lines such as `c 1:3 rwm`: what is allowed of `c 1:3`. All devices are `a`. */
function accessesOf(lines: readonly string[]): Accesses {
  const accesses = new Map<string, Access>();
  for (const text of lines) {
    const [type = '', numbers = '', letters = ''] = text.split(' ');
    const device = type === ALL_DEVICES ? type : `${type} ${numbers}`;
    accesses.set(device, (accesses.get(device) ?? 0) | parseAccess(letters));
  }
  return accesses;
}

/** What a devices cgroup of v1 cannot express: an exception to an exception. */
export function checkDeviceList(config: Pick<Config, 'linux'>): Issue[] {
  const rules = simplified(config);
  if (rules === undefined || listOf(rules)) return [];
  const [hole] = rules.filter(({ allow }) => !allow);
  return [
    {
      path: hole?.path ?? 'linux.resources.devices',
      message: 'cgroup v1 cannot deny a part of what another rule allows with a wildcard',
    },
  ];
}

function simplified(config: Pick<Config, 'linux'>): DeviceRule[] | undefined {
  const rules = deviceRules(config);
  return rules && simplify(rules);
}

function listOf(rules: readonly DeviceRule[]): List | undefined {
  if (allowsAll(rules)) return { allowByDefault: true, exceptions: [] };
  if (rules.every(({ allow }) => allow))
    return { allowByDefault: false, exceptions: allowed(rules) };
  const [first, ...others] = rules;
  if (first?.allow && decidesAll(first) && others.every(({ allow }) => !allow))
    return { allowByDefault: true, exceptions: typed(others) };
  return undefined;
}

/**
 * Exceptions to "deny all". The kernel looks for one that allows all of what is wanted at once
 * (`O_RDWR` is read and write), so each allows what any other does that covers it.
 */
function allowed(rules: readonly DeviceRule[]): TypedRule[] {
  const patterns = typed(rules);
  const common = patterns.flatMap((a, index) =>
    patterns
      .slice(index + 1)
      .filter((b) => overlap(a, b) && !covers(a, b) && !covers(b, a))
      .map((b) => ({ ...a, ...b })),
  );
  const whole = [...patterns, ...common].map((rule) => ({
    ...rule,
    access: patterns.reduce(
      (access, other) => (covers(other, rule) ? access | other.access : access),
      0,
    ),
  }));
  return whole.filter(
    (rule, index) =>
      !whole.some(
        (other, place) =>
          place !== index &&
          covers(other, rule) &&
          (rule.access & ~other.access) === 0 &&
          // Of two that are alike, the first stays.
          (!covers(rule, other) || other.access !== rule.access || place < index),
      ),
  );
}

/** The kernel takes both types at once only for all devices. */
function typed(rules: readonly DeviceRule[]): TypedRule[] {
  return rules.flatMap((rule) =>
    rule.type === undefined
      ? (['c', 'b'] as const).map((type) => ({ ...rule, type }))
      : [{ ...rule, type: rule.type }],
  );
}

function line({ type, major, minor, access }: TypedRule): string {
  return `${type} ${major ?? '*'}:${minor ?? '*'} ${formatAccess(access)}`;
}

function setting(file: string, value: string, path: string): Setting {
  return { controller: 'devices', file, value, path };
}
