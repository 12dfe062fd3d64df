import { expect, it } from 'vitest';
import type { Golden } from './cases.ts';
import { disassembleCases } from './golden.ts';

const golden: Golden = {
  entry: 'adr x28, cells+0; mov x0, sp; str x0, [x28]',
  'syscall without arguments': 'mov x8, #0xac; svc #0x0; str x0, [x28]',
  'syscall with every register':
    'ldr x5, [x28, #320]; ldr x4, [x28, #8]; ldr x3, [x28]; ldr x2, [x28, #16]; ldr x1, [x28, #8]; ldr x0, [x28]; mov x8, #0x1b5; svc #0x0; str x0, [x28, #16]',
  'syscall with constants':
    'mov x5, #0x1170; movk x5, #0x1, lsl #16; mov x4, #0xffff; movk x4, #0xffff, lsl #16; mov x3, #0xffff7fffffffffff; movk x3, #0x0, lsl #48; mov x2, #0xffffffffffffffff; mov x1, #0x1; mov x0, #0x0; mov x8, #0x39; svc #0x0; str x0, [x28]',
  'syscall with addresses':
    'adr x3, data+100; adr x2, data+8; adr x1, constants+3; mov x0, #0x1; mov x8, #0x40; svc #0x0; str x0, [x28]',
  'syscall with the last result':
    'mov x1, #0x2; mov x0, #0x1; mov x8, #0x3f; svc #0x0; str x0, [x28]; mov x1, x0; mov x8, #0x39; svc #0x0; str x0, [x28, #8]',
  'move zero': 'str xzr, [x28]',
  'move one': 'mov x0, #0x1; str x0, [x28]',
  'move 16 bits, shifted': 'mov x0, #0xabcd0000; str x0, [x28]',
  'move 32 bits': 'mov x0, #0x4321; movk x0, #0x8765, lsl #16; str x0, [x28]',
  'move a negative': 'mov x0, #0xffffffffffffff9c; str x0, [x28]',
  'move -1': 'mov x0, #0xffffffffffffffff; str x0, [x28]',
  'move a large negative':
    'mov x0, #0xffffffffffff6544; movk x0, #0xa987, lsl #16; movk x0, #0xedcb, lsl #32; str x0, [x28]',
  'move 64 bits':
    'mov x0, #0xdef0; movk x0, #0x9abc, lsl #16; movk x0, #0x5678, lsl #32; movk x0, #0x1234, lsl #48; str x0, [x28]',
  'move a cell': 'ldr x0, [x28, #8]; str x0, [x28]',
  'move far cells': 'ldr x0, [x28, #320]; mov x17, #0x9c40; add x16, x28, x17; str x0, [x16]',
  'move an address': 'adr x0, data+0; str x0, [x28]',
  'move zero over the accumulator':
    'ldr x0, [x28, #8]; str x0, [x28]; str xzr, [x28]; ldr x0, [x28]; str x0, [x28, #16]',
  'add cells': 'ldr x0, [x28, #8]; ldr x1, [x28, #16]; add x0, x0, x1; str x0, [x28]',
  'add a small constant': 'ldr x0, [x28, #8]; add x0, x0, #0x8; str x0, [x28]',
  'add a negative constant': 'ldr x0, [x28, #8]; sub x0, x0, #0x8; str x0, [x28]',
  'add 32 bits':
    'ldr x0, [x28, #8]; mov x1, #0x2345; movk x1, #0x1, lsl #16; add x0, x0, x1; str x0, [x28]',
  'add 64 bits':
    'ldr x0, [x28, #8]; mov x1, #0x1; movk x1, #0x1, lsl #32; add x0, x0, x1; str x0, [x28]',
  'add an address': 'ldr x0, [x28, #8]; adr x1, data+16; add x0, x0, x1; str x0, [x28]',
  'add to a constant': 'mov x0, #0x5; ldr x1, [x28, #8]; add x0, x0, x1; str x0, [x28]',
  'add the same cell, held': 'mov x0, #0x7; str x0, [x28]; add x0, x0, x0; str x0, [x28, #8]',
  'sub cells': 'ldr x0, [x28, #8]; ldr x1, [x28, #16]; sub x0, x0, x1; str x0, [x28]',
  'sub a constant': 'ldr x0, [x28, #8]; sub x0, x0, #0x1; str x0, [x28]',
  'sub from zero': 'ldr x1, [x28, #8]; neg x0, x1; str x0, [x28]',
  'mul cells': 'ldr x0, [x28, #8]; ldr x1, [x28, #16]; mul x0, x0, x1; str x0, [x28]',
  'mul a constant': 'ldr x0, [x28, #8]; mov x1, #0xa; mul x0, x0, x1; str x0, [x28]',
  'div cells': 'ldr x0, [x28, #8]; ldr x1, [x28, #16]; udiv x0, x0, x1; str x0, [x28]',
  'div a constant': 'ldr x0, [x28, #8]; mov x1, #0xa; udiv x0, x0, x1; str x0, [x28]',
  'rem cells':
    'ldr x0, [x28, #8]; ldr x1, [x28, #16]; udiv x2, x0, x1; msub x0, x2, x1, x0; str x0, [x28]',
  'rem a constant':
    'ldr x0, [x28, #8]; mov x1, #0xa; udiv x2, x0, x1; msub x0, x2, x1, x0; str x0, [x28]',
  'and cells': 'ldr x0, [x28, #8]; ldr x1, [x28, #16]; and x0, x0, x1; str x0, [x28]',
  'and a constant': 'ldr x0, [x28, #8]; mov x1, #0x7f; and x0, x0, x1; str x0, [x28]',
  'or cells': 'ldr x0, [x28, #8]; ldr x1, [x28, #16]; orr x0, x0, x1; str x0, [x28]',
  'or a constant': 'ldr x0, [x28, #8]; mov x1, #0x100; orr x0, x0, x1; str x0, [x28]',
  'shl cells': 'ldr x0, [x28, #8]; ldr x1, [x28, #16]; lsl x0, x0, x1; str x0, [x28]',
  'shl a constant': 'ldr x0, [x28, #8]; lsl x0, x0, #1; str x0, [x28]',
  'shl nothing': 'ldr x0, [x28, #8]; lsr x0, x0, #0; str x0, [x28]',
  'shr cells': 'ldr x0, [x28, #8]; ldr x1, [x28, #16]; lsr x0, x0, x1; str x0, [x28]',
  'shr a constant': 'ldr x0, [x28, #8]; lsr x0, x0, #8; str x0, [x28]',
  'load 1': 'ldr x1, [x28, #8]; ldrb w0, [x1]; str x0, [x28]',
  'load 2': 'ldr x1, [x28, #8]; ldrh w0, [x1, #2]; str x0, [x28]',
  'load 4': 'ldr x1, [x28, #8]; ldr w0, [x1, #4]; str x0, [x28]',
  'load 8': 'ldr x1, [x28, #8]; ldr x0, [x1, #8]; str x0, [x28]',
  'load unaligned': 'ldr x1, [x28, #8]; ldur x0, [x1, #3]; str x0, [x28]',
  'load below': 'ldr x1, [x28, #8]; ldur x0, [x1, #-8]; str x0, [x28]',
  'load a little far': 'ldr x1, [x28, #8]; ldrb w0, [x1, #1024]; str x0, [x28]',
  'load far': 'ldr x1, [x28, #8]; mov x17, #0x9c40; add x16, x1, x17; ldr x0, [x16]; str x0, [x28]',
  'load from an address': 'adr x1, data+12; ldr w0, [x1]; str x0, [x28]',
  'store 1': 'ldr x1, [x28, #8]; ldr x0, [x28]; strb w0, [x1, #1]',
  'store 2': 'ldr x1, [x28, #8]; ldr x0, [x28]; strh w0, [x1]',
  'store 4': 'ldr x1, [x28, #8]; ldr x0, [x28]; str w0, [x1, #4]',
  'store 8': 'ldr x1, [x28, #8]; ldr x0, [x28]; str x0, [x1, #256]',
  'store unaligned': 'ldr x1, [x28, #8]; ldr x0, [x28]; stur x0, [x1, #1]',
  'store below': 'ldr x1, [x28, #8]; ldr x0, [x28]; sturh w0, [x1, #-2]',
  'store far':
    'ldr x1, [x28, #8]; ldr x0, [x28]; mov x17, #0xffffffffffff63c0; add x16, x1, x17; str x0, [x16]',
  'store zero': 'ldr x1, [x28, #8]; str wzr, [x1]',
  'store at an address': 'adr x1, data+4; mov x0, #0xa; strb w0, [x1]',
  'store the accumulator':
    'ldr x1, [x28, #8]; ldr x0, [x1]; str x0, [x28]; mov x1, x0; str x0, [x1]; str x0, [x28, #16]',
  jump: 'b near',
  'branch eq, cells': 'ldr x0, [x28]; ldr x1, [x28, #8]; cmp x0, x1; b.eq near',
  'branch eq, zero': 'ldr x0, [x28]; cbz x0, near',
  'branch ne, zero': 'ldr x0, [x28]; cbnz x0, near',
  'branch lt, zero': 'ldr x0, [x28]; cmp x0, #0x0; b.lt near',
  'branch ge, zero': 'ldr x0, [x28]; cmp x0, #0x0; b.ge near',
  'branch le, zero': 'ldr x0, [x28]; cmp x0, #0x0; b.le near',
  'branch gt, small': 'ldr x0, [x28]; cmp x0, #0x3; b.gt near',
  'branch eq, negative': 'ldr x0, [x28]; cmn x0, #0x11; b.eq near',
  'branch ne, 32 bits':
    'ldr x0, [x28]; mov x1, #0x2345; movk x1, #0x1, lsl #16; cmp x0, x1; b.ne near',
  'branch below, 64 bits': 'ldr x0, [x28]; mov x1, #0x10000000000; cmp x0, x1; b.cc near',
  'branch aboveOrEqual, negative': 'ldr x0, [x28]; cmn x0, #0xfff; b.cs near',
  'branch lt, constant on the left': 'ldr x1, [x28]; cmp xzr, x1; b.lt near',
  'branch on the accumulator':
    'mov x8, #0xac; svc #0x0; str x0, [x28]; cmp x0, #0x0; b.lt near; cmp x0, #0x9; b.gt near',
  'call forgets the accumulator':
    'ldr x0, [x28, #8]; str x0, [x28]; str x30, [sp, #-16]!; bl near; ldr x30, [sp], #16; ldr x0, [x28]; str x0, [x28, #16]',
  return: 'ret',
};

it('encodes every kind of instruction for arm64 as the disassembler reads it', () => {
  expect(disassembleCases('aarch64')).toEqual(golden);
});
