import { expect, it } from 'vitest';
import type { Golden } from './cases.ts';
import { disassembleCases } from './golden.ts';

const golden: Golden = {
  entry: 'mov ebx,cells+128; mov QWORD PTR [rbx-0x80],rsp',
  'syscall without arguments': 'mov eax,0x27; syscall; mov QWORD PTR [rbx-0x80],rax',
  'syscall with every register':
    'mov rdi,QWORD PTR [rbx-0x80]; mov rsi,QWORD PTR [rbx-0x78]; mov rdx,QWORD PTR [rbx-0x70]; mov r10,QWORD PTR [rbx-0x80]; mov r8,QWORD PTR [rbx-0x78]; mov r9,QWORD PTR [rbx+0xc0]; mov eax,0x1b5; syscall; mov QWORD PTR [rbx-0x70],rax',
  'syscall with constants':
    'xor edi,edi; mov esi,0x1; mov rdx,0xffffffffffffffff; movabs r10,0x7fffffffffff; mov r8d,0xffffffff; mov r9d,0x11170; mov eax,0x3; syscall; mov QWORD PTR [rbx-0x80],rax',
  'syscall with addresses':
    'mov edi,0x1; mov esi,constants+3; mov edx,data+8; mov r10d,data+100; mov eax,0x1; syscall; mov QWORD PTR [rbx-0x80],rax',
  'syscall with the last result':
    'mov edi,0x1; mov esi,0x2; xor eax,eax; syscall; mov QWORD PTR [rbx-0x80],rax; mov rdi,rax; mov rsi,rax; mov eax,0x3; syscall; mov QWORD PTR [rbx-0x78],rax',
  'move zero': 'xor eax,eax; mov QWORD PTR [rbx-0x80],rax',
  'move one': 'mov eax,0x1; mov QWORD PTR [rbx-0x80],rax',
  'move 16 bits, shifted': 'mov eax,0xabcd0000; mov QWORD PTR [rbx-0x80],rax',
  'move 32 bits': 'mov eax,0x87654321; mov QWORD PTR [rbx-0x80],rax',
  'move a negative': 'mov rax,0xffffffffffffff9c; mov QWORD PTR [rbx-0x80],rax',
  'move -1': 'mov rax,0xffffffffffffffff; mov QWORD PTR [rbx-0x80],rax',
  'move a large negative': 'movabs rax,0xffffedcba9876544; mov QWORD PTR [rbx-0x80],rax',
  'move 64 bits': 'movabs rax,0x123456789abcdef0; mov QWORD PTR [rbx-0x80],rax',
  'move a cell': 'mov rax,QWORD PTR [rbx-0x78]; mov QWORD PTR [rbx-0x80],rax',
  'move far cells': 'mov rax,QWORD PTR [rbx+0xc0]; mov QWORD PTR [rbx+0x9bc0],rax',
  'move an address': 'mov eax,data+0; mov QWORD PTR [rbx-0x80],rax',
  'move zero over the accumulator':
    'mov rax,QWORD PTR [rbx-0x78]; mov QWORD PTR [rbx-0x80],rax; xor eax,eax; mov QWORD PTR [rbx-0x80],rax; mov QWORD PTR [rbx-0x70],rax',
  'add cells':
    'mov rax,QWORD PTR [rbx-0x78]; add rax,QWORD PTR [rbx-0x70]; mov QWORD PTR [rbx-0x80],rax',
  'add a small constant': 'mov rax,QWORD PTR [rbx-0x78]; add rax,0x8; mov QWORD PTR [rbx-0x80],rax',
  'add a negative constant':
    'mov rax,QWORD PTR [rbx-0x78]; add rax,0xfffffffffffffff8; mov QWORD PTR [rbx-0x80],rax',
  'add 32 bits': 'mov rax,QWORD PTR [rbx-0x78]; add rax,0x12345; mov QWORD PTR [rbx-0x80],rax',
  'add 64 bits':
    'mov rax,QWORD PTR [rbx-0x78]; movabs rcx,0x100000001; add rax,rcx; mov QWORD PTR [rbx-0x80],rax',
  'add an address': 'mov rax,QWORD PTR [rbx-0x78]; add rax,data+16; mov QWORD PTR [rbx-0x80],rax',
  'add to a constant': 'mov eax,0x5; add rax,QWORD PTR [rbx-0x78]; mov QWORD PTR [rbx-0x80],rax',
  'add the same cell, held':
    'mov eax,0x7; mov QWORD PTR [rbx-0x80],rax; add rax,QWORD PTR [rbx-0x80]; mov QWORD PTR [rbx-0x78],rax',
  'sub cells':
    'mov rax,QWORD PTR [rbx-0x78]; sub rax,QWORD PTR [rbx-0x70]; mov QWORD PTR [rbx-0x80],rax',
  'sub a constant': 'mov rax,QWORD PTR [rbx-0x78]; sub rax,0x1; mov QWORD PTR [rbx-0x80],rax',
  'sub from zero': 'xor eax,eax; sub rax,QWORD PTR [rbx-0x78]; mov QWORD PTR [rbx-0x80],rax',
  'mul cells':
    'mov rax,QWORD PTR [rbx-0x78]; mov rcx,QWORD PTR [rbx-0x70]; imul rax,rcx; mov QWORD PTR [rbx-0x80],rax',
  'mul a constant':
    'mov rax,QWORD PTR [rbx-0x78]; mov ecx,0xa; imul rax,rcx; mov QWORD PTR [rbx-0x80],rax',
  'div cells':
    'mov rax,QWORD PTR [rbx-0x78]; mov rcx,QWORD PTR [rbx-0x70]; xor edx,edx; div rcx; mov QWORD PTR [rbx-0x80],rax',
  'div a constant':
    'mov rax,QWORD PTR [rbx-0x78]; mov ecx,0xa; xor edx,edx; div rcx; mov QWORD PTR [rbx-0x80],rax',
  'rem cells':
    'mov rax,QWORD PTR [rbx-0x78]; mov rcx,QWORD PTR [rbx-0x70]; xor edx,edx; div rcx; mov rax,rdx; mov QWORD PTR [rbx-0x80],rax',
  'rem a constant':
    'mov rax,QWORD PTR [rbx-0x78]; mov ecx,0xa; xor edx,edx; div rcx; mov rax,rdx; mov QWORD PTR [rbx-0x80],rax',
  'and cells':
    'mov rax,QWORD PTR [rbx-0x78]; and rax,QWORD PTR [rbx-0x70]; mov QWORD PTR [rbx-0x80],rax',
  'and a constant': 'mov rax,QWORD PTR [rbx-0x78]; and rax,0x7f; mov QWORD PTR [rbx-0x80],rax',
  'or cells':
    'mov rax,QWORD PTR [rbx-0x78]; or rax,QWORD PTR [rbx-0x70]; mov QWORD PTR [rbx-0x80],rax',
  'or a constant': 'mov rax,QWORD PTR [rbx-0x78]; or rax,0x100; mov QWORD PTR [rbx-0x80],rax',
  'shl cells':
    'mov rax,QWORD PTR [rbx-0x78]; mov rcx,QWORD PTR [rbx-0x70]; shl rax,cl; mov QWORD PTR [rbx-0x80],rax',
  'shl a constant': 'mov rax,QWORD PTR [rbx-0x78]; shl rax,0x1; mov QWORD PTR [rbx-0x80],rax',
  'shl nothing': 'mov rax,QWORD PTR [rbx-0x78]; shl rax,0x0; mov QWORD PTR [rbx-0x80],rax',
  'shr cells':
    'mov rax,QWORD PTR [rbx-0x78]; mov rcx,QWORD PTR [rbx-0x70]; shr rax,cl; mov QWORD PTR [rbx-0x80],rax',
  'shr a constant': 'mov rax,QWORD PTR [rbx-0x78]; shr rax,0x8; mov QWORD PTR [rbx-0x80],rax',
  'load 1': 'mov rcx,QWORD PTR [rbx-0x78]; movzx eax,BYTE PTR [rcx]; mov QWORD PTR [rbx-0x80],rax',
  'load 2':
    'mov rcx,QWORD PTR [rbx-0x78]; movzx eax,WORD PTR [rcx+0x2]; mov QWORD PTR [rbx-0x80],rax',
  'load 4':
    'mov rcx,QWORD PTR [rbx-0x78]; mov eax,DWORD PTR [rcx+0x4]; mov QWORD PTR [rbx-0x80],rax',
  'load 8':
    'mov rcx,QWORD PTR [rbx-0x78]; mov rax,QWORD PTR [rcx+0x8]; mov QWORD PTR [rbx-0x80],rax',
  'load unaligned':
    'mov rcx,QWORD PTR [rbx-0x78]; mov rax,QWORD PTR [rcx+0x3]; mov QWORD PTR [rbx-0x80],rax',
  'load below':
    'mov rcx,QWORD PTR [rbx-0x78]; mov rax,QWORD PTR [rcx-0x8]; mov QWORD PTR [rbx-0x80],rax',
  'load a little far':
    'mov rcx,QWORD PTR [rbx-0x78]; movzx eax,BYTE PTR [rcx+0x400]; mov QWORD PTR [rbx-0x80],rax',
  'load far':
    'mov rcx,QWORD PTR [rbx-0x78]; mov rax,QWORD PTR [rcx+0x9c40]; mov QWORD PTR [rbx-0x80],rax',
  'load from an address': 'mov ecx,data+12; mov eax,DWORD PTR [rcx]; mov QWORD PTR [rbx-0x80],rax',
  'store 1':
    'mov rcx,QWORD PTR [rbx-0x78]; mov rax,QWORD PTR [rbx-0x80]; mov BYTE PTR [rcx+0x1],al',
  'store 2': 'mov rcx,QWORD PTR [rbx-0x78]; mov rax,QWORD PTR [rbx-0x80]; mov WORD PTR [rcx],ax',
  'store 4':
    'mov rcx,QWORD PTR [rbx-0x78]; mov rax,QWORD PTR [rbx-0x80]; mov DWORD PTR [rcx+0x4],eax',
  'store 8':
    'mov rcx,QWORD PTR [rbx-0x78]; mov rax,QWORD PTR [rbx-0x80]; mov QWORD PTR [rcx+0x100],rax',
  'store unaligned':
    'mov rcx,QWORD PTR [rbx-0x78]; mov rax,QWORD PTR [rbx-0x80]; mov QWORD PTR [rcx+0x1],rax',
  'store below':
    'mov rcx,QWORD PTR [rbx-0x78]; mov rax,QWORD PTR [rbx-0x80]; mov WORD PTR [rcx-0x2],ax',
  'store far':
    'mov rcx,QWORD PTR [rbx-0x78]; mov rax,QWORD PTR [rbx-0x80]; mov QWORD PTR [rcx-0x9c40],rax',
  'store zero': 'mov rcx,QWORD PTR [rbx-0x78]; xor eax,eax; mov DWORD PTR [rcx],eax',
  'store at an address': 'mov ecx,data+4; mov eax,0xa; mov BYTE PTR [rcx],al',
  'store the accumulator':
    'mov rcx,QWORD PTR [rbx-0x78]; mov rax,QWORD PTR [rcx]; mov QWORD PTR [rbx-0x80],rax; mov rcx,rax; mov QWORD PTR [rcx],rax; mov QWORD PTR [rbx-0x70],rax',
  jump: 'jmp near',
  'branch eq, cells': 'mov rax,QWORD PTR [rbx-0x80]; cmp rax,QWORD PTR [rbx-0x78]; je near',
  'branch eq, zero': 'cmp QWORD PTR [rbx-0x80],0x0; je near',
  'branch ne, zero': 'cmp QWORD PTR [rbx-0x80],0x0; jne near',
  'branch lt, zero': 'cmp QWORD PTR [rbx-0x80],0x0; jl near',
  'branch ge, zero': 'cmp QWORD PTR [rbx-0x80],0x0; jge near',
  'branch le, zero': 'cmp QWORD PTR [rbx-0x80],0x0; jle near',
  'branch gt, small': 'cmp QWORD PTR [rbx-0x80],0x3; jg near',
  'branch eq, negative': 'cmp QWORD PTR [rbx-0x80],0xffffffffffffffef; je near',
  'branch ne, 32 bits': 'cmp QWORD PTR [rbx-0x80],0x12345; jne near',
  'branch below, 64 bits':
    'mov rax,QWORD PTR [rbx-0x80]; movabs rcx,0x10000000000; cmp rax,rcx; jb near',
  'branch aboveOrEqual, negative': 'cmp QWORD PTR [rbx-0x80],0xfffffffffffff001; jae near',
  'branch lt, constant on the left': 'xor eax,eax; cmp rax,QWORD PTR [rbx-0x80]; jl near',
  'branch on the accumulator':
    'mov eax,0x27; syscall; mov QWORD PTR [rbx-0x80],rax; test rax,rax; jl near; cmp rax,0x9; jg near',
  'call forgets the accumulator':
    'mov rax,QWORD PTR [rbx-0x78]; mov QWORD PTR [rbx-0x80],rax; call near; mov rax,QWORD PTR [rbx-0x80]; mov QWORD PTR [rbx-0x70],rax',
  return: 'ret',
};

it('encodes every kind of instruction for x86-64 as the disassembler reads it', () => {
  expect(disassembleCases('x86_64')).toEqual(golden);
});
