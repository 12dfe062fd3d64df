import Table from 'cli-table3';
import { type Figure, figureNames, figures } from './figures.ts';
import type { ContenderResult, Results, Timing } from './results.ts';

const titles: Record<Figure, string> = { life: 'Life', coldStart: 'Cold start' };

export function report(results: Results): string {
  const taking = results.contenders.filter(({ unavailable }) => !unavailable);
  return [
    ...figureNames
      .filter((figure) => taking.some(({ timings }) => timings[figure]))
      .map((figure) => timingTable(figure, taking, results)),
    ...(taking.some(({ resident }) => resident !== undefined) ? [residentTable(taking)] : []),
    notes(results.contenders),
  ].join('\n\n');
}

function timingTable(
  figure: Figure,
  contenders: readonly ContenderResult[],
  { runs, bindMounts }: Results,
): string {
  const table = plainTable(['', 'median', 'min', 'p90', '× floor', '× crun']);
  for (const { name, timings } of contenders) {
    const timing = timings[figure];
    if (timing) table.push([name, ...timingCells(timing)]);
  }
  const config = bindMounts > 0 ? `, ${bindMounts} bind mounts` : '';
  return `${titles[figure]}: ${figures[figure]} (ms, ${runs} interleaved runs${config})\n${table}`;
}

function timingCells({ median, min, p90, toFloor, toCrun }: Timing): string[] {
  const milliseconds = (nanoseconds: number) => (nanoseconds / 1e6).toFixed(2);
  const ratio = (value: number | undefined) => value?.toFixed(2) ?? '–';
  return [
    milliseconds(median),
    milliseconds(min),
    milliseconds(p90),
    ratio(toFloor),
    ratio(toCrun),
  ];
}

function residentTable(contenders: readonly ContenderResult[]): string {
  const table = plainTable(['', 'resident']);
  for (const { name, resident } of contenders) {
    if (resident !== undefined) table.push([name, (resident / 1024).toFixed(0)]);
  }
  return `Memory: what stays beside a running container (KiB)\n${table}`;
}

function notes(contenders: readonly ContenderResult[]): string {
  return contenders
    .map(({ name, note, unavailable }) =>
      unavailable ? `${name}: left out, ${unavailable}` : `${name}: ${note ?? ''}`,
    )
    .join('\n');
}

function plainTable(head: string[]) {
  return new Table({
    head,
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
}
