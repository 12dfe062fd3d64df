import type { IntelRdt } from '@oci/spec';

/** One line for a `schemata` file, and where a config has it. */
export interface SchemaLine {
  readonly path: string;
  readonly text: string;
}

/** The lines of a config, in the order that config-linux.md has them written in. */
export function schemaLines({ l3CacheSchema, memBwSchema, schemata = [] }: IntelRdt): SchemaLine[] {
  const at = 'linux.intelRdt';
  return [
    ...(l3CacheSchema ? [{ path: `${at}.l3CacheSchema`, text: l3CacheSchema }] : []),
    ...(memBwSchema ? [{ path: `${at}.memBwSchema`, text: memBwSchema }] : []),
    ...schemata.map((text, index) => ({ path: `${at}.schemata[${index}]`, text })),
  ];
}

/** What one line allots of one resource to one domain, such as a socket's cache. */
export interface Allotment {
  /** `L3`, `L2`, `MB`, …: as resctrl writes it before the colon. */
  readonly resource: string;
  readonly domain: number;
  /** A bitmask of cache ways, or a bandwidth. */
  readonly value: bigint;
}

/** Bandwidths are decimal, in per cent or MBps; everything else is a bitmask in hexadecimal. */
export function radixOf(resource: string): 10 | 16 {
  return /^(MB|SMBA)$/.test(resource) ? 10 : 16;
}

/** Reads a line such as `L3:0=7f0;1=1f` (resctrl.rst, "Schemata files"); `undefined` for no such. */
export function parseSchema(line: string): Allotment[] | undefined {
  const [, resource = '', list = ''] = /^\s*(\w+)\s*:(.*)$/.exec(line) ?? [];
  const isDecimal = radixOf(resource) === 10;
  const entry = isDecimal ? /^\s*(\d+)\s*=\s*(\d+)\s*$/ : /^\s*(\d+)\s*=\s*(?:0x)?([\da-f]+)\s*$/i;
  const allotments: Allotment[] = [];
  for (const part of list.split(';')) {
    const [, domain, value] = entry.exec(part) ?? [];
    if (domain === undefined || value === undefined) return undefined;
    const number = BigInt(isDecimal ? value : `0x${value}`);
    allotments.push({ resource, domain: Number(domain), value: number });
  }
  return allotments;
}
