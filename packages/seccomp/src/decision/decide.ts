import { badArchitecture } from '../actions.ts';
import { ARCH_OFFSET } from '../bpf/opcodes.ts';
import type { ArchitectureCalls } from '../profile/calls.ts';
import { type Decision, Decisions, depthAbove, type Switch } from './decision.ts';
import { decideNumber } from './numbers.ts';

/** The native architecture's calls are nearly all there are. */
const NATIVE_WEIGHT = 1000;

/**
 * What a filter decides.
 * @param architectures those of the filter, the native one first
 */
export function decide(
  architectures: readonly ArchitectureCalls[],
  defaultValue: number,
): Decision {
  const decisions = new Decisions();
  const otherwise = decisions.verdict(defaultValue);
  const bad = decisions.verdict(badArchitecture);
  const audits = [...new Set(architectures.map((calls) => calls.architecture.audit))];
  const [native] = audits;
  const starts = [0];
  const targets = [bad];
  const weights = [1];
  for (const audit of audits.sort((a, b) => a - b)) {
    const sections = architectures.filter((calls) => calls.architecture.audit === audit);
    starts.push(audit, audit + 1);
    targets.push(decideNumber(decisions, sections, otherwise), bad);
    weights.push(audit === native ? NATIVE_WEIGHT : 1, 1);
  }
  const depth = depthAbove(targets);
  const whole: Switch = { kind: 'switch', word: ARCH_OFFSET, starts, targets, weights, depth };
  return whole;
}
