import { CAP, CAP_SETPCAP, type CapabilityMasks } from '@oci/kernel';
import type { Capabilities, Issue } from '@oci/spec';

/** What the process is to have in the end, as far as it can be granted. */
export interface CapabilityPlan {
  readonly sets: CapabilityMasks;
  readonly ambient: bigint;
  /** The capabilities to take out of the bounding set, by number. */
  readonly dropped: readonly number[];
  /** What was asked for and is not granted (config.md: "MUST be logged as a warning"). */
  readonly warnings: readonly Issue[];
}

export interface CapabilityFacts {
  /** What the process has before it changes anything. */
  readonly permitted: bigint;
  readonly lastCapability: number;
}

const numbers: ReadonlyMap<string, number> = new Map(Object.entries(CAP));

function bit(capability: number): bigint {
  return 1n << BigInt(capability);
}

/** The names in a mask, for messages. */
function names(mask: bigint): string {
  return [...numbers]
    .filter(([, number]) => (mask & bit(number)) !== 0n)
    .map(([name]) => name)
    .join(', ');
}

/** Collects warnings while the sets are cut down to what the kernel will take. */
class Planner {
  readonly warnings: Issue[] = [];
  readonly #last: number;

  constructor(last: number) {
    this.#last = last;
  }

  /** The mask of a list of names, without those that this kernel does not know. */
  mask(set: keyof Capabilities, list: readonly string[] = []): bigint {
    const unknown: string[] = [];
    let mask = 0n;
    for (const name of list) {
      const number = numbers.get(name);
      if (number === undefined || number > this.#last) unknown.push(name);
      else mask |= bit(number);
    }
    if (unknown.length > 0) this.#warn(set, unknown.join(', '), 'not known to this kernel');
    return mask;
  }

  /** What of a mask is within `limit`. */
  within(set: keyof Capabilities, mask: bigint, limit: bigint, reason: string): bigint {
    const lost = mask & ~limit;
    if (lost !== 0n) this.#warn(set, names(lost), reason);
    return mask & limit;
  }

  #warn(set: keyof Capabilities, which: string, reason: string): void {
    const message = `${which} cannot be granted: ${reason}`;
    this.warnings.push({ path: `process.capabilities.${set}`, message });
  }
}

/**
 * Cuts `process.capabilities` down to what capset(2) and PR_CAP_AMBIENT(2const) take, so that a set
 * that cannot be granted in full is granted in part. Without the section nothing is granted, as
 * with runc.
 */
export function planCapabilities(
  capabilities: Capabilities = {},
  { permitted: own, lastCapability }: CapabilityFacts,
): CapabilityPlan {
  const planner = new Planner(lastCapability);
  const lacking = 'the runtime does not have it';
  const ask = (set: keyof Capabilities) => planner.mask(set, capabilities[set]);

  // Not cut to what the runtime has: its own bounding set is, and that only ever shrinks.
  const bounding = ask('bounding');
  const permitted = planner.within('permitted', ask('permitted'), own, lacking);
  const effective = planner.within('effective', ask('effective'), permitted, 'not permitted');
  const inheritable = planner.within(
    'inheritable',
    planner.within('inheritable', ask('inheritable'), own, lacking),
    bounding,
    'not in the bounding set',
  );
  const ambient = planner.within(
    'ambient',
    ask('ambient'),
    permitted & inheritable,
    'not both permitted and inheritable',
  );

  const all = Array.from({ length: lastCapability + 1 }, (_, capability) => capability);
  const unbound = all.filter((capability) => (bounding & bit(capability)) === 0n);
  const canDrop = (own & bit(CAP_SETPCAP)) !== 0n;
  if (!canDrop && unbound.length > 0) {
    const message = 'cannot be reduced: the runtime does not have CAP_SETPCAP';
    planner.warnings.push({ path: 'process.capabilities.bounding', message });
  }
  return {
    sets: { effective, permitted, inheritable },
    ambient,
    dropped: canDrop ? unbound : [],
    warnings: planner.warnings,
  };
}
