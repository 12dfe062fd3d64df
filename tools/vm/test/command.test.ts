import { expect, test } from 'vitest';
import { CommandFailed, output } from '../command.ts';

test('hands input over and output back', async () => {
  expect(String(await output(['cat'], { input: Buffer.from('text') }))).toBe('text');
});

test('shows everything that a failed program wrote', async () => {
  const failing = output(['sh', '-c', 'echo out; echo err >&2; exit 3']);
  await expect(failing).rejects.toThrow(CommandFailed);
  await expect(failing).rejects.toThrow(/ended with 3\n(out\nerr|err\nout)$/);
});

test('says what is missing', async () => {
  await expect(output(['/no/such/program'])).rejects.toThrow('ENOENT');
});

test('ends with the signal’s reason, once the program has ended', async () => {
  const stop = new AbortController();
  const aborted = output(['sleep', '60'], { signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(aborted).rejects.toThrow('enough');
});
