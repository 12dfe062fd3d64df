import type { Config, Issue } from '@oci/spec';
import type { Setting } from '../setting.ts';
import { formatAccess } from './access.ts';
import { type DeviceRule, deviceRules, type NodeType } from './rules.ts';
import { allowsAll, covers, decidesAll, overlap, simplify } from './simplify.ts';

type TypedRule = DeviceRule & { readonly type: NodeType };

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
  const [whole, single] = ['devices.deny', 'devices.allow'] as const;
  const [first, rest] = allowByDefault ? [single, whole] : [whole, single];
  return [
    setting(first, 'a', 'linux.resources.devices'),
    ...exceptions.map((rule) => setting(rest, line(rule), rule.path)),
  ];
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
