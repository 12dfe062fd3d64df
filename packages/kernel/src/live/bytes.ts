import { Parameter, type Text } from '../text.ts';
import { Cell } from '../values.ts';
import { liveMemory } from './memory.ts';

function refuse({ name }: Parameter): never {
  throw new TypeError(`parameter ${name} only exists in programs, not in calls made now`);
}

/**
 * The bytes of a text, without a NUL at the end. Memory in it is read now, up to its first NUL.
 * @param given what a launch parameter holds; live there are none.
 * @throws TypeError for a cell, or a parameter that is refused.
 */
export function textBytes(text: Text, given: (parameter: Parameter) => string = refuse): Buffer {
  if (typeof text === 'string') return Buffer.from(text);
  const parts = text instanceof Parameter ? [text] : text.parts;
  const pieces = parts.map((part) => {
    if (typeof part === 'string') return Buffer.from(part);
    if (part instanceof Parameter) return Buffer.from(given(part));
    if (part instanceof Cell)
      throw new TypeError(`cell ${part.name} only exists in programs, not in calls made now`);
    return liveMemory(part).text;
  });
  return Buffer.concat(pieces);
}
