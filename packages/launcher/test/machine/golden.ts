import type { Architecture } from '@oci/kernel';
import { assembleText } from '../../src/assemble.ts';
import type { Instruction } from '../../src/instructions.ts';
import { Layout, type Span } from '../../src/layout.ts';
import { cases, near } from './cases.ts';
import { assembly, cell, disassemble } from './tools.ts';

/**
 * Assembles all cases as one program, disassembles it once, and returns each case's instructions
 * with places in memory named, since where they lie is not what these tests are about.
 */
export function disassembleCases(architecture: Architecture): Record<string, string> {
  const instructions: Instruction[] = [
    { op: 'entry', to: cell(0) },
    { op: 'label', label: near },
  ];
  for (const [name, code] of Object.entries(cases)) {
    instructions.push({ op: 'label', label: { name } }, ...code);
  }

  const program = assembly(instructions, {
    cells: 6000,
    constants: new Uint8Array(64),
    data: new Uint8Array(64),
    zeroed: 64,
  });
  const { bytes, address, labels } = assembleText(program, architecture);
  const layout = new Layout(program);
  const names = new Map([...labels].map(([label, at]) => [at, label.name]));

  const shown: Record<string, string> = {};
  let name = 'entry';
  for (const line of disassemble(bytes, address, architecture)) {
    const label = names.get(line.address);
    if (label !== undefined && label !== near.name) name = label;
    const text = nameAddresses(line.text, layout, labels.get(near));
    shown[name] = shown[name] === undefined ? text : `${shown[name]}; ${text}`;
  }
  return shown;
}

function nameAddresses(text: string, layout: Layout, nearAddress: number | undefined): string {
  const { constants, cells, data, zeroed } = layout;
  const spans: [name: string, span: Omit<Span, 'offset'>, first: number][] = [
    ['constants', constants, 0],
    ['cells', cells, 0],
    ['data', data, 0],
    // Zeroed bytes are addressed as data, too.
    ['data', zeroed, data.size],
  ];
  return text.replaceAll(/\b0x[0-9a-f]+\b/g, (number) => {
    const value = Number(number);
    if (value === nearAddress) return near.name;
    const span = spans.find(([, { address, size }]) => value >= address && value < address + size);
    return span ? `${span[0]}+${value - span[1].address + span[2]}` : number;
  });
}
