/**
 * A 64-bit word of a launch program. It holds a system call's result, which is known only when
 * the program runs; stage code passes it on and never looks inside.
 */
export class Cell {
  readonly index: number;
  readonly name: string;
  constructor(index: number, name: string) {
    this.index = index;
    this.name = name;
  }
}

/** Anything that fits a register: a number when live, a cell when recorded. */
export type Value = number | bigint | Cell;

/** A file descriptor. */
export type Fd = number | Cell;

/** A process id, as seen by whoever receives it. */
export type Pid = number | Cell;

/** A cell that may be written more than once; `value` is what it holds now. */
export interface Variable {
  readonly value: number | Cell;
}

/** Unsigned 64-bit arithmetic. */
export type Operator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '<<' | '>>';

/** Comparisons are signed, so that `-errno` is below zero. */
export type Relation = '==' | '!=' | '<' | '<=' | '>' | '>=';

export interface Condition {
  readonly left: Value;
  readonly relation: Relation;
  readonly right: Value;
}

/** `when(compare(fd, '<', 0), …)` reads as what it does. */
export function compare(left: Value, relation: Relation, right: Value): Condition {
  return { left, relation, right };
}
