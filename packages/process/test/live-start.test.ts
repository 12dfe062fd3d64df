import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultConfig, type Process } from '@oci/spec';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'process-'));
const script = join(directory, 'start-live.cjs');

/** One file, so that the process that becomes another has no threads that load modules. */
function bundleScript(): void {
  buildSync({
    entryPoints: [fileURLToPath(new URL('./start-live.ts', import.meta.url))],
    outfile: script,
    bundle: true,
    platform: 'node',
    conditions: ['@oci/source'],
    external: ['koffi'],
    define: { 'import.meta.url': JSON.stringify(import.meta.url) },
  });
}

function start(process_: Partial<Process>): { stdout: string; stderr: string } {
  const config = defaultConfig();
  const process = { cwd: '/', ...config.process, ...process_ };
  const text = JSON.stringify({ ...config, hostname: undefined, process, linux: {} });
  // A thread that is met by close_range(2) or by another user's credentials may take all down.
  const options = ['--v8-pool-size=0', '--single-threaded', script, text];
  return spawnSync(globalThis.process.execPath, options, { encoding: 'utf8' });
}

/** The named lines of /proc/PID/status. */
function status(stdout: string): Record<string, string> {
  const lines = stdout.split('\n').map((line) => line.split(':'));
  return Object.fromEntries(
    lines.map(([key = '', value = '']) => [key, value.trim().replace(/\t/g, ' ')]),
  );
}

const kill = ['CAP_KILL'];
const five = { bounding: kill, permitted: kill, effective: kill, inheritable: kill, ambient: kill };
const cat = ['cat', '/proc/self/status'];

describe.runIf(process.getuid?.() === 0)('the stages on a real kernel', () => {
  beforeAll(bundleScript);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('become another user that keeps one capability', () => {
    const user = { uid: 1234, gid: 1235, additionalGids: [7, 8], umask: 0o27 };
    const { stdout, stderr } = start({ args: cat, user, capabilities: five });
    expect(stderr).toBe('');
    const mask = '0000000000000020';
    expect(status(stdout)).toMatchObject({
      Uid: '1234 1234 1234 1234',
      Gid: '1235 1235 1235 1235',
      Groups: '7 8',
      Umask: '0027',
      NoNewPrivs: '1',
      CapInh: mask,
      CapPrm: mask,
      CapEff: mask,
      CapBnd: mask,
      CapAmb: mask,
      SigIgn: '0000000000000000',
      SigBlk: '0000000000000000',
    });
  });

  it('leave another user without ambient capabilities none', () => {
    const capabilities = { ...five, ambient: [] };
    const { stdout, stderr } = start({ args: cat, user: { uid: 1234 }, capabilities });
    expect(stderr).toBe('');
    expect(status(stdout)).toMatchObject({
      CapEff: '0000000000000000',
      CapAmb: '0000000000000000',
    });
  });

  it('leave root what is in the bounding set', () => {
    const { stdout } = start({ args: cat });
    expect(status(stdout)).toMatchObject({
      Uid: '0 0 0 0',
      Groups: '',
      CapInh: '0000000000000000',
      CapPrm: '0000000020000420',
      CapBnd: '0000000020000420',
      CapAmb: '0000000000000000',
    });
  });

  it('leave no descriptor, and set limits', () => {
    const rlimits = [{ type: 'RLIMIT_NOFILE', soft: 50, hard: 60 }];
    const listing = ['sh', '-c', 'ls -1 /proc/self/fd; ulimit -Sn; ulimit -Hn; pwd; echo $HOME'];
    const { stdout, stderr } = start({ args: listing, rlimits, cwd: directory });
    expect(stderr).toBe('');
    // 3 is the one that ls reads the directory with.
    expect(stdout.trim().split('\n')).toEqual(['0', '1', '2', '3', '50', '60', directory, '/root']);
  });

  it('pass through a directory that only root may', () => {
    const inner = join(directory, 'private/inner');
    mkdirSync(inner, { recursive: true });
    chmodSync(join(directory, 'private'), 0o700);
    chmodSync(directory, 0o755);
    const { stdout, stderr } = start({
      args: ['/bin/sh', '-c', 'pwd'],
      cwd: inner,
      user: { uid: 1234 },
    });
    expect(stderr).toBe('');
    expect(stdout.trim()).toBe(inner);
  });

  it('fail as engines know it', () => {
    const file = join(directory, 'program');
    writeFileSync(file, 'no program');
    chownSync(file, 1234, 1234);
    const failing = (args: string[], user = {}) => start({ args, user }).stderr;
    expect(failing([file])).toContain(`Error: exec: "${file}": permission denied`);
    chmodSync(file, 0o700);
    expect(failing([file], { uid: 1234 })).toContain(`Error: exec: "${file}": exec format error`);
    expect(failing([file], { uid: 1235 })).toContain(`Error: exec: "${file}": permission denied`);
    expect(failing(['no-such'])).toContain(
      'Error: exec: "no-such": executable file not found in $PATH',
    );
    writeFileSync(file, '#!/no/such/interpreter\n');
    expect(failing([file], { uid: 1234 })).toContain(
      `Error: exec: "${file}": no such file or directory`,
    );
  });
});
