/**
 * Boots the test machine, runs the integration tests or a command in it, and ends with their exit
 * status; with 125 if the machine itself failed.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { output } from './command.ts';
import { cacheDirectory } from './image/cache.ts';
import { image } from './image/image.ts';
import { testScript, writeInitramfs } from './job.ts';
import { Machine } from './machine.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { during } from './progress.ts';
import { snapshot } from './snapshot.ts';
import { Stop } from './stop.ts';

const workspace = resolve(import.meta.dirname, '../..');
const machineFailed = 125;
/** It takes seven seconds where nothing else runs. */
const bootSeconds = 180;

async function main(options: Options): Promise<number> {
  const { run, vitest, timeoutSeconds, append, reports } = options;
  if (process.arch !== 'x64') throw new Error('the test machine is x86-64, and needs such a host');
  if (process.getuid?.() !== 0) throw new Error('the test machine is made by root');
  const stop = new Stop();
  const { signal } = stop;
  if (run === undefined && options.build) await build(signal);
  const from = await image(cacheDirectory(), signal);

  const directory = workplace();
  const [initramfs, out] = [join(directory, 'initramfs.cpio'), join(directory, 'reports')];
  writeInitramfs(initramfs, from, { script: run ?? testScript(vitest), workspace });
  mkdirSync(out);
  const copy = join(directory, 'workspace');
  await snapshot(workspace, copy, signal);
  const shares = [
    { tag: 'workspace', directory: copy, writable: false },
    { tag: 'modules', directory: join(workspace, 'node_modules'), writable: false },
    { tag: 'node', directory: dirname(process.execPath), writable: false },
    { tag: 'reports', directory: out, writable: true },
  ];
  const hardware = { image: from, initramfs, shares, console: join(out, 'console.log'), append };
  stop.after(bootSeconds, 'the test machine did not start');
  const { stdout, stderr } = process;
  const machine = await Machine.start({ hardware, directory, stdout, stderr, signal });
  try {
    await during('Booting the test machine', () => machine.running());
    stop.after(timeoutSeconds, 'the test machine was stopped');
    return await machine.exited();
  } finally {
    stop.never();
    await machine.close();
    cpSync(out, resolve(reports ?? join(workspace, 'test/reports/vm')), { recursive: true });
  }
}

/** The integration tests run what is built. */
async function build(signal: AbortSignal): Promise<void> {
  const command = [join(workspace, 'node_modules/.bin/nx'), 'run-many', '-t', 'build'];
  await during('Building', () => output(command, { cwd: workspace, signal }));
}

/** A directory that goes when we go. */
function workplace(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ocirun-vm-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else process.exitCode = await main(options);
} catch (error) {
  process.stderr.write(`vm: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = machineFailed;
}
