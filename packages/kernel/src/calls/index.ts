import { SchedulingCalls } from './scheduling.ts';

/** All typed system calls: each file adds the calls of one subject. */
export abstract class SystemCalls extends SchedulingCalls {}
