import { BpfCalls } from './bpf.ts';

/** All typed system calls: each file adds the calls of one subject. */
export abstract class SystemCalls extends BpfCalls {}
