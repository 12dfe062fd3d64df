import { describe, expect, it } from 'vitest';
import { and, exit, jump, label, load, move } from '../../src/devices/ebpf.ts';
import {
  decode,
  disassemble,
  encode,
  type Instruction,
  simulate,
} from '../../src/devices/index.ts';

const hex = (program: readonly Instruction[]) => Buffer.from(encode(program)).toString('hex');
const asked = { type: 'c', major: 1, minor: 3, access: 2 } as const;

describe('eBPF', () => {
  // Opcodes from the instruction set's standard (RFC 9669), operands placed by struct bpf_insn.
  it.each([
    ['6912000000000000', load(2, 2, 1, 0)],
    ['6114040000000000', load(4, 4, 1, 4)],
    ['b400000001000000', move(0, 1)],
    ['b4000000ffffffff', move(0, -1)],
    ['5403000006000000', and(3, 6)],
    ['9500000000000000', exit],
  ])('%s', (bytes, instruction) => {
    expect(hex([instruction])).toBe(bytes);
    expect(decode(Buffer.from(bytes, 'hex'))).toEqual([instruction]);
  });

  it('counts jumps from the instruction behind them', () => {
    const program = [
      label('back'),
      jump(3, '==', 5, 'back'),
      jump(3, '!=', 5, 'end'),
      jump(3, '&', 4, 'end'),
      exit,
      label('end'),
      exit,
    ];
    expect(hex(program).match(/.{16}/g)).toEqual([
      '1603ffff05000000',
      '5603020005000000',
      '4603010004000000',
      '9500000000000000',
      '9500000000000000',
    ]);
    expect(disassemble(decode(encode(program)))).toEqual([
      '0:',
      '  if w3 == 5 goto 0',
      '  if w3 != 5 goto 4',
      '  if w3 & 4 goto 4',
      '  exit',
      '4:',
      '  exit',
    ]);
  });

  it('refuses jumps that lead nowhere, or too far', () => {
    expect(() => encode([jump(0, '==', 0, 'none'), exit])).toThrow('no jump reaches none');
    const far = Array.from({ length: 0x8000 }, () => exit);
    expect(() => encode([jump(0, '==', 0, 'end'), ...far, label('end'), exit])).toThrow(
      'no jump reaches end',
    );
  });

  it('does not read what it could not have written', () => {
    expect(() => decode(Buffer.from('8500000001000000', 'hex'))).toThrow(
      'instruction 0 has the unknown code 0x85',
    );
    expect(() => decode(Buffer.from('b40f000001000000', 'hex'))).toThrow('no register 15');
  });

  it('is simulated as the verifier would have it', () => {
    expect(() => simulate([exit], asked)).toThrow('r0 is read before it is written');
    expect(() => simulate([move(0, 1)], asked)).toThrow('ends without an exit');
    expect(() => simulate([load(2, 4, 1, 12), exit], asked)).toThrow(RangeError);
    expect(() => simulate([load(2, 4, 3, 0), exit], asked)).toThrow('only the context');
  });
});
