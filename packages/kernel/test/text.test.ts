import { expect, test } from 'vitest';
import { Cell, joinText, Parameter, Template, text } from '../src/index.ts';

const fd = new Cell(0, 'fd');
const id = new Parameter('id');

test('a text without holes is a string', () => {
  expect(text`/proc/self/fd/${7}`).toBe('/proc/self/fd/7');
  expect(text`${'a'}${'b'}${12n}`).toBe('ab12');
  expect(text``).toBe('');
});

test('holes stay holes, and the words around them are joined', () => {
  expect(text`/proc/${'self'}/fd/${fd}`).toEqual(new Template(['/proc/self/fd/', fd]));
  expect(text`${id}`).toEqual(new Template([id]));
});

test('texts within texts are one text', () => {
  const inner = text`b${fd}c`;
  expect(text`a${inner}d`).toEqual(new Template(['ab', fd, 'cd']));
});

test('texts are joined with a separator', () => {
  expect(joinText(['a', 'b', 'c'], '/')).toBe('a/b/c');
  expect(joinText([])).toBe('');
  expect(joinText(['/run', id], '/')).toEqual(new Template(['/run/', id]));
});
