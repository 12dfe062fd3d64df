export { ImmediateKernel } from './immediate.ts';
export { LiveKernel } from './kernel.ts';
export { loadKoffi } from './koffi.ts';
export { LiveMemory } from './memory.ts';
