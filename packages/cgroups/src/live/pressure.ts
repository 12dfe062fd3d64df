import type { CgroupFiles } from './files.ts';
import type { Pressure, PressureLine } from './stats.ts';

const none: PressureLine = { avg10: 0, avg60: 0, avg300: 0, total: 0 };

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, and `full …` (accounting/psi.rst). */
export function pressure(
  files: CgroupFiles,
  resource: 'cpu' | 'io' | 'memory',
): { pressure?: Pressure } {
  const lines = new Map(
    files.lines(`${resource}.pressure`).map((line) => {
      const [kind = '', ...pairs] = line.split(' ');
      return [kind, pressureLine(pairs)];
    }),
  );
  if (lines.size === 0) return {};
  return { pressure: { some: lines.get('some') ?? none, full: lines.get('full') ?? none } };
}

function pressureLine(pairs: readonly string[]): PressureLine {
  const value = (key: keyof PressureLine) =>
    Number(pairs.find((pair) => pair.startsWith(`${key}=`))?.slice(key.length + 1) ?? 0);
  return {
    avg10: value('avg10'),
    avg60: value('avg60'),
    avg300: value('avg300'),
    total: value('total'),
  };
}
