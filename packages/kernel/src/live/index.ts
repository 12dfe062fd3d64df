export { ImmediateKernel } from './immediate.ts';
export { LiveKernel } from './kernel.ts';
export { LiveMemory } from './memory.ts';
