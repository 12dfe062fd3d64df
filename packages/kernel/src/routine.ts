import type { Kernel } from './kernel.ts';
import type { Text } from './text.ts';
import type { Value } from './values.ts';

/** What a routine is given. */
export type Input = Value | Text;

/**
 * Code that a recorded program has once, however many places run it (`Kernel.run`): for what is long
 * and needed often. It is known by its identity, so `body` may depend on nothing but its inputs, and
 * what it makes stays: there is no `undo` in it. What fails in it fails in the place that runs it,
 * whose `doing` comes first in the message and whose `attempt` may foresee the error.
 */
export interface Routine<Inputs extends readonly Input[], Result extends Value | undefined> {
  readonly name: string;
  body(k: Kernel, ...inputs: Inputs): Result;
}
