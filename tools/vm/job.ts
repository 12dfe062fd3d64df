import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { archive, type Entry } from './cpio.ts';
import type { Image } from './image/image.ts';

/** What the machine is to run. */
export interface Job {
  /** Run by bash in the workspace. */
  readonly script: string;
  /** The workspace's path, here and there. */
  readonly workspace: string;
}

/** Where in the machine the host's directory for reports is. */
const reports = '/run/vm/reports';

/** Nobody there sees our terminal. */
const colors = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };

/** Services that nothing needs in a machine which lives for minutes: they would take seconds. */
const masked = [
  'apparmor.service', // loads profiles of programs that aren't there
  'modprobe@.service',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'systemd-journal-flush.service',
  'systemd-modules-load.service',
  'systemd-random-seed.service',
  'systemd-sysusers.service',
  'systemd-update-utmp.service',
  'timers.target',
];

/** Writes the machine's first root: what the image has of it, and what is new in each run. */
export function writeInitramfs(file: string, image: Image, job: Job): void {
  writeFileSync(file, Buffer.concat([readFileSync(image.initramfs), jobArchive(job)]));
}

/** What starts systemd, its units, and the job. */
function jobArchive({ script, workspace }: Job): Buffer {
  return archive([
    program('init', read('init')),
    ...['units', 'vm'].map((path): Entry => ({ type: 'directory', path })),
    ...masked.map((name): Entry => ({ type: 'link', path: `units/${name}`, target: '/dev/null' })),
    ...readdirSync(guest('units')).map((name) => text(`units/${name}`, read(`units/${name}`))),
    program('vm/run', read('run')),
    text(
      'vm/environment',
      environment({ VM_WORKSPACE: workspace, VM_REPORTS: reports, ...colors }),
    ),
    text('vm/job', `${script}\n`),
  ]);
}

/** Runs the integration tests that these filters and options of vitest's choose. */
export function testScript(vitest: readonly string[]): string {
  // An emulated processor takes five to ten times as long.
  const options = ['--testTimeout=300000', '--hookTimeout=120000'];
  // A line per test: they take seconds.
  const report = [
    '--reporter=verbose',
    '--reporter=json',
    `--outputFile.json=${reports}/vitest.json`,
  ];
  const command = ['../node_modules/.bin/vitest', 'run', ...options, ...report, ...vitest];
  return `cd test && exec ${command.map(shellQuoted).join(' ')}`;
}

/** A word of a shell command. */
export function shellQuoted(word: string): string {
  return /^[\w./=:@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A file of assignments: systemd takes backslashes in double quotes as C does. (systemd.exec(5)) */
function environment(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}\n`)
    .join('');
}

function guest(path: string): URL {
  return new URL(`guest/${path}`, import.meta.url);
}

function read(path: string): string {
  return readFileSync(guest(path), 'utf8');
}

function program(path: string, content: string): Entry {
  return { type: 'file', path, mode: 0o755, content };
}

function text(path: string, content: string): Entry {
  return { type: 'file', path, mode: 0o644, content };
}
