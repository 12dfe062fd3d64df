import type { Architecture } from '@oci/kernel';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../src/assemble.ts';
import type { Instruction, Operand } from '../../src/instructions.ts';
import { architectures, assembly, cell, run } from './tools.ts';
import { arithmetic, comparisons, edges, keys, randomWords } from './values.ts';

const [left, right, result, written] = [cell(1), cell(2), cell(3), cell(4)];

interface Case {
  readonly name: string;
  /** Leaves what is to be checked in `result`. */
  readonly code: readonly Instruction[];
  readonly expected: bigint;
}

/** Runs all cases as one program, and returns those whose result is wrong. */
function failures(cases: readonly Case[], architecture: Architecture): string[] {
  const words = (at: number) => ({ section: 'data', offset: at * 8 }) as const;
  const instructions: Instruction[] = [
    { op: 'entry', to: cell(0) },
    ...cases.flatMap(({ code }, at): Instruction[] => [
      ...code,
      { op: 'store', value: result, base: words(at), offset: 0, width: 8 },
    ]),
    { op: 'syscall', call: 'write', args: [1, words(0), cases.length * 8], result: written },
    { op: 'syscall', call: 'exit_group', args: [0], result },
  ];
  const program = assembly(instructions, { zeroed: cases.length * 8 });
  const { output, status, signal } = run(assemble(program, architecture), architecture);
  expect({ status, signal, length: output.length }).toEqual({
    status: 0,
    signal: null,
    length: cases.length * 8,
  });
  return cases.flatMap(({ name, expected }, at) => {
    const actual = output.readBigUInt64LE(at * 8);
    return actual === expected ? [] : [`${name}: ${actual}, not ${expected}`];
  });
}

/** The same two words as cells and as constants, in each position, and with each one held. */
function operands(x: bigint, y: bigint): { code: Instruction[]; left: Operand; right: Operand }[] {
  const setLeft: Instruction = { op: 'move', to: left, from: x };
  const setRight: Instruction = { op: 'move', to: right, from: y };
  return [
    { code: [setLeft, setRight], left, right },
    { code: [setRight, setLeft], left, right },
    { code: [setLeft], left, right: y },
    { code: [setLeft, setRight], left, right: y },
    { code: [setRight], left: x, right },
    { code: [], left: x, right: y },
  ];
}

const pairs = edges.flatMap((x) => edges.map((y): [bigint, bigint] => [x, y]));
const words = randomWords(200);
for (let at = 0; at < words.length; at += 2) pairs.push([words[at] ?? 0n, words[at + 1] ?? 0n]);

function arithmeticCases(): Case[] {
  return keys(arithmetic).flatMap((op) =>
    pairs.flatMap(([x, y]) => {
      if (y === 0n && (op === 'div' || op === 'rem')) return [];
      return operands(x, y).map((each, form) => ({
        name: `${x} ${op} ${y} (${form})`,
        code: [...each.code, { op, to: result, left: each.left, right: each.right }],
        expected: arithmetic[op](x, y),
      }));
    }),
  );
}

function branchCases(): Case[] {
  return keys(comparisons).flatMap((comparison) =>
    pairs.flatMap(([x, y]) =>
      operands(x, y).map((each, form) => {
        const label = { name: 'taken' };
        const code: Instruction[] = [
          { op: 'move', to: result, from: 1 },
          ...each.code,
          { op: 'branch', comparison, left: each.left, right: each.right, label },
          { op: 'move', to: result, from: 0 },
          { op: 'label', label },
        ];
        const expected = comparisons[comparison](x, y) ? 1n : 0n;
        return { name: `${x} ${comparison} ${y} (${form})`, code, expected };
      }),
    ),
  );
}

function moveCases(): Case[] {
  const all = [...edges, ...words, -1, -100, 0x1_0000_0000, Number.MIN_SAFE_INTEGER];
  return all.flatMap((value) => {
    const expected = BigInt.asUintN(64, BigInt(value));
    return [
      { name: `move ${value}`, code: [{ op: 'move', to: result, from: value }], expected },
      {
        name: `move ${value} twice`,
        code: [
          { op: 'move', to: left, from: value },
          { op: 'move', to: result, from: left },
        ],
        expected,
      },
    ];
  });
}

describe.each(architectures)('%s', (architecture) => {
  it('computes', () => {
    expect(failures(arithmeticCases(), architecture)).toEqual([]);
  });

  it('compares', () => {
    expect(failures(branchCases(), architecture)).toEqual([]);
  });

  it('moves', () => {
    expect(failures(moveCases(), architecture)).toEqual([]);
  });
});
