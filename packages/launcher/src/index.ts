export { assemble } from './assemble.ts';
export type { Assembly, Instruction } from './instructions.ts';
export { lower } from './lower/index.ts';
export { printProgram } from './print.ts';
export type { LaneProgram, LogFormat, Program, Reporting, Step } from './program.ts';
export { Recorder, type RecorderOptions } from './recorder.ts';
