import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findCommand } from './commands.ts';

const withoutLibrary = ['-Os', '-nostdlib', '-static', '-fno-stack-protector', '-fno-pie'];
const withLibrary = ['-O2', '-static'];

export const compiler = findCommand('cc');

/** Compiles one of the programs in programs/ that need no C library. */
export function compilePayload(name: 'exit' | 'clock' | 'wait', output: string): void {
  compile(name, output, withoutLibrary);
}

export function compileFloor(output: string): void {
  compile('floor', output, withLibrary);
}

/** Stands in for the `exit` payload where nothing can be compiled. */
export function copyBusyboxTrue(output: string): void {
  const busybox = findCommand('busybox');
  if (!busybox) throw new Error('a payload needs cc, or a static busybox, and neither is here');
  copyFileSync(busybox, output);
}

function compile(name: string, output: string, options: readonly string[]): void {
  if (!compiler) throw new Error('cc is not installed');
  const source = fileURLToPath(new URL(`programs/${name}.c`, import.meta.url));
  execFileSync(compiler, [...options, '-o', output, source]);
}
