import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type FakeCall, FakeKernel, FakeMemory } from '@oci/kernel/fake';
import { LiveKernel } from '@oci/kernel/live';
import { startTime } from '@oci/sync';
import { describe, expect, it, onTestFinished } from 'vitest';

/** The start time, by this content of /proc/PID/stat. */
function read(stat: string): number {
  const k = new FakeKernel();
  k.returns('read', ({ args }: FakeCall) => {
    if (!(args[1] instanceof FakeMemory)) throw new Error('read without memory');
    return args[1].bytes.write(stat);
  });
  return Number(startTime(k, 7));
}

const fields = Array.from({ length: 50 }, (_, index) => String(index + 3));

describe('the start time', () => {
  it('of a process is what /proc says', () => {
    const child = spawn('sleep', ['60']);
    onTestFinished(() => void child.kill());
    const pid = child.pid ?? 0;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const field = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
    expect(String(startTime(new LiveKernel(), pid))).toBe(field);
  });

  it('is field 22', () => {
    expect(read(`7 (ocirun) ${fields.join(' ')}\n`)).toBe(22);
  });

  it('may be that of the first process, or very late', () => {
    const stat = (time: string) => `1 (a) ${fields.with(22 - 3, time).join(' ')}\n`;
    expect(read(stat('0'))).toBe(0);
    expect(read(stat('90071992547409'))).toBe(90_071_992_547_409);
  });
});
