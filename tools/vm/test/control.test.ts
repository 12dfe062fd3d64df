import { expect, test } from 'vitest';
import { parseMessage } from '../control.ts';

test('understands what the guest says', () => {
  expect(parseMessage('running')).toEqual({ type: 'running' });
  expect(parseMessage('exited 137')).toEqual({ type: 'exited', status: 137 });
});

test.each(['', 'exited', 'exited x', 'running late'])('refuses %j', (line) => {
  expect(() => parseMessage(line)).toThrow(`the machine said: ${line}`);
});
