import { type Access, ALL } from './access.ts';
import type { DeviceRule } from './rules.ts';

type Pattern = Pick<DeviceRule, 'type' | 'major' | 'minor'>;

const keys = ['type', 'major', 'minor'] as const;

/** Whether `wide` is about every device that `narrow` is about. */
export function covers(wide: Pattern, narrow: Pattern): boolean {
  return keys.every((key) => wide[key] === undefined || wide[key] === narrow[key]);
}

/** Whether there is a device that both are about. */
export function overlap(a: Pattern, b: Pattern): boolean {
  return keys.every((key) => a[key] === undefined || b[key] === undefined || a[key] === b[key]);
}

/** Whether a rule is about all devices. */
export function isGlobal(pattern: Pattern): boolean {
  return covers(pattern, {});
}

/** What holds before the first rule. */
const nothing: DeviceRule = { allow: false, access: ALL, path: 'linux.resources.devices' };

/**
 * The same decisions in fewer rules: without what later rules decide again, and without what says
 * what is so anyway. All but the first deny rule that is left make an exception to an allow rule.
 */
export function simplify(rules: readonly DeviceRule[]): DeviceRule[] {
  const kept: DeviceRule[] = [];
  rules.forEach((given, index) => {
    const rule = withoutDecided(given, rules.slice(index + 1));
    if (rule && !changesNothing(rule, kept)) kept.push(rule);
  });
  return kept;
}

/** Whether one rule is all there is, and allows everything. */
export function allowsAll([rule, ...others]: readonly DeviceRule[]): boolean {
  return others.length === 0 && rule !== undefined && rule.allow && decidesAll(rule);
}

/** Whether a rule leaves nothing to those before it. */
export function decidesAll(rule: DeviceRule): boolean {
  return isGlobal(rule) && rule.access === ALL;
}

/**
 * A rule without the access on which later rules say the opposite for all of its devices; undefined
 * when later rules decide all of it.
 */
function withoutDecided(rule: DeviceRule, later: readonly DeviceRule[]): DeviceRule | undefined {
  const covering = later.filter((other) => covers(other, rule));
  if ((rule.access & ~union(covering)) === 0) return undefined;
  const reversed = union(covering.filter(({ allow }) => allow !== rule.allow));
  return { ...rule, access: rule.access & ~reversed };
}

function union(rules: readonly DeviceRule[]): Access {
  return rules.reduce((bits, { access }) => bits | access, 0);
}

/** Whether everything that `rule` decides is so by the rules before it. */
function changesNothing(rule: DeviceRule, before: readonly DeviceRule[]): boolean {
  let open = rule.access;
  for (const earlier of [nothing, ...before].reverse()) {
    if ((earlier.access & open) === 0 || !overlap(earlier, rule)) continue;
    if (earlier.allow !== rule.allow) return false;
    if (covers(earlier, rule)) open &= ~earlier.access;
    if (open === 0) return true;
  }
  return false;
}
