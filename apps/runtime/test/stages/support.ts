import { Parameter, Template, type Text } from '@oci/kernel';
import { FakeKernel, FakeMemory } from '@oci/kernel/fake';
import { type LaunchParameters, launchParameters } from '../../src/parameters.ts';

export const parameters: LaunchParameters = launchParameters('/run/ocirun');

/** Launch parameters by name, as tests give them to a kernel. */
export type Given = Readonly<Record<string, string>>;

export const given: Given = { id: 'c1', root: '/run/ocirun' };

/** A fake kernel whose launcher was started as `ocirun c1`. */
export const startedKernel = () => new FakeKernel({ parameters: given });

/** A text as it would be, with these launch parameters. */
export function fill(text: Text, parameters: Given = given): string {
  if (typeof text === 'string') return text;
  const parts = text instanceof Template ? text.parts : [text];
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      if (part instanceof Parameter) return parameters[part.name] ?? part.options.fallback ?? '';
      if (part instanceof FakeMemory) return String(part.text);
      throw new TypeError(`a cell, ${part.name}, in a text that is written now`);
    })
    .join('');
}

/** The calls so far, with launch parameters in the place of their names. */
export function filledLines(k: FakeKernel): string[] {
  return k.lines.map((line) => line.replace(/\$\{([\w-]+)\}/g, (_, name) => given[name] ?? name));
}
