import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from './support/ocirun.ts';
import { insideVm } from './support/vm.ts';

const start = fileURLToPath(new URL('../tools/vm/start.mjs', import.meta.url));
// The image is kept where it is for everyone, not in the tests' own cache.
const { XDG_CACHE_HOME: _, ...environment } = process.env;
let reports: string;

/** The first of them may have to make the image. */
const timeout = 600_000;

describe.skipIf(insideVm || process.arch !== 'x64')('the test machine', { timeout }, () => {
  beforeAll(() => {
    reports = mkdtempSync(join(tmpdir(), 'ocirun-test-vm-'));
  });
  afterAll(() => rmSync(reports, { recursive: true }));

  test('hands streams, status and reports of a command over, and nothing else', async () => {
    const script = [
      'echo out; echo err >&2',
      'echo report > $VM_REPORTS/report',
      `touch ${reports}-from-inside package.json.changed`,
      'sleep 1000 & exit 7',
    ];
    const outcome = await vm('--run', script.join('\n'));
    expect(outcome).toMatchObject({ status: 7, stdout: 'out\n' });
    expect(outcome.stderr).toMatch(/\nerr\n$/);
    expect(readFileSync(join(reports, 'report'), 'utf8')).toBe('report\n');
    expect(existsSync(`${reports}-from-inside`)).toBe(false);
    expect(existsSync(new URL('../package.json.changed', import.meta.url))).toBe(false);
  });

  test('says how it ended when it ends without a result', async () => {
    const outcome = await vm('--run', 'echo c > /proc/sysrq-trigger; sleep 100');
    expect(outcome.status).toBe(125);
    expect(outcome.stderr).toMatch(/the machine ended without a result\n.*Kernel panic/s);
  });

  test('is stopped when its time is up', async () => {
    const outcome = await vm('--timeout', '1', '--run', 'sleep 100');
    expect(outcome.status).toBe(125);
    expect(outcome.stderr).toContain('the test machine was stopped after 1 s');
  });

  test('goes with its caller, however that ends, and by a signal leaves nothing', async () => {
    const places = workplaces();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const caller = spawn(process.execPath, [start, '--reports', reports, '--run', 'sleep 100'], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: environment,
      });
      await said(caller, 'Booting');
      const place = workplaces().find((name) => !places.includes(name)) ?? expect.unreachable();
      await expect.poll(() => emulators(place)).toHaveLength(1);
      caller.kill(signal);
      await expect.poll(() => emulators(place)).toHaveLength(0);
      if (signal === 'SIGTERM') await expect.poll(workplaces).not.toContain(place);
      else rmSync(join(tmpdir(), place), { recursive: true });
    }
  });

  test('refuses what it does not understand', async () => {
    const outcome = await vm('--timeout', 'soon');
    expect(outcome).toMatchObject({ status: 125, stderr: expect.stringContaining('--timeout') });
  });
});

function vm(...args: string[]) {
  return run(process.execPath, [start, '--reports', reports, ...args], { env: environment });
}

function said(child: ChildProcess, text: string): Promise<void> {
  let all = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (data) => {
      all += data;
      if (all.includes(text)) resolve();
    });
    child.on('exit', () => reject(new Error(all)));
  });
}

function workplaces(): string[] {
  return readdirSync(tmpdir()).filter((name) => /^ocirun-vm-\w{6}$/.test(name));
}

/** Ids of processes that have something open there. */
function emulators(place: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return program.includes('qemu') && args.some((arg) => arg.includes(`/${place}/`));
    } catch {
      return false; // It has ended meanwhile.
    }
  });
}
