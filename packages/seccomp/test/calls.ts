import type { Seccomp, SeccompArch } from '@oci/spec';
import { architecture, architectures, syscallNumber } from '../src/index.ts';
import type { MeantCall } from './meaning.ts';
import type { Random } from './random.ts';
import { edgeValues } from './random-profile.ts';

const edges: readonly bigint[] = [
  ...new Set(
    edgeValues
      .flatMap((value) => [value - 1n, value, value + 1n])
      .map((v) => BigInt.asUintN(64, v)),
  ),
];

/** Numbers around where the architectures' numbers begin and end. */
const starts = [
  0, 4000, 5000, 6000, 0x3fff_ffff, 0x4000_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0,
];

/**
 * Calls at which a filter of a random profile may go wrong: every number that the profile names, on
 * every architecture, with its neighbours; numbers at which something begins or ends; arguments at
 * the edges of all compared values.
 */
export function* edgeCalls(
  random: Random,
  profile: Seccomp,
  native: SeccompArch,
): Generator<MeantCall> {
  const listed = new Set([native, ...(profile.architectures ?? [])]);
  const names = profile.syscalls?.flatMap((rule) => rule.names) ?? [];
  for (const { name: arch } of architectures()) {
    const numbers = new Set(starts);
    for (const name of [...names, 'socketcall', 'ipc']) {
      const nr = syscallNumber(arch, name);
      if (nr !== undefined)
        for (const near of [nr - 1, nr, nr + 1]) if (near >= 0) numbers.add(near);
    }
    if (!listed.has(arch)) {
      yield { arch, nr: random.pick([...numbers]), args: [] };
      continue;
    }
    const through = new Set(['socketcall', 'ipc'].map((name) => syscallNumber(arch, name)));
    for (const nr of numbers)
      for (let i = 0; i < 12; i++) {
        const args = Array.from({ length: 6 }, () => random.pick(edges));
        if (architecture(arch).multiplexed && through.has(nr)) args[0] = BigInt(random.below(26));
        yield { arch, nr, args };
      }
  }
}
