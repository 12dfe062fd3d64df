import { readFileSync } from 'node:fs';
import { LiveKernel } from '@oci/kernel/live';
import { startTime } from '@oci/sync';
import { expect, it } from 'vitest';

it('reads the start time of a process', () => {
  const fields = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(' ');
  expect(String(startTime(new LiveKernel(), process.ppid))).toBe(fields[21]);
});
