export { type Compiled, type CompileOptions, compileBundle, describeProgram } from './compile.ts';
export type { ExitStatus, RunningContainer } from './library/container.ts';
export {
  compile,
  type Launcher,
  type LauncherOptions,
  type StartOptions,
} from './library/launcher.ts';
export type { Stdio } from './library/stdio.ts';
