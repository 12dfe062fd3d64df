import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import type { Contender } from './contender.ts';
import { allContenders } from './contenders/index.ts';
import { type Figure, figureNames } from './figures.ts';
import { interruption } from './interruption.ts';
import { rerunWithPrivateMounts } from './private-mounts.ts';
import { Progress } from './progress.ts';
import { report } from './report.ts';
import { collect } from './results.ts';
import { measure } from './rounds.ts';
import { makeWorkplace } from './workplace.ts';

interface Options {
  readonly runs: number;
  readonly warmUps: number;
  readonly bindMounts: number;
  readonly only?: readonly string[];
  readonly json?: string;
}

const names = allContenders().map(({ name }) => name);

function options(): Options {
  return new Command('bench')
    .description('Compares ways to start a container, interleaved in one run. Needs root.')
    .option('--runs <n>', 'measured rounds', count, 200)
    .option('--warm-ups <n>', 'rounds before them', count, 10)
    .option('--bind-mounts <n>', 'added to the config', countOrNone, 0)
    .option('--only <names>', `of ${names.join(', ')}`, listOfNames)
    .option('--json <file>', 'also write the results there')
    .parse()
    .opts();
}

function count(text: string): number {
  const value = countOrNone(text);
  if (value === 0) throw new InvalidArgumentError('Not a count.');
  return value;
}

function countOrNone(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Not a count.');
  return Number(text);
}

function listOfNames(text: string): string[] {
  const chosen = text.split(',');
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`No contender is called ${unknown}.`);
  return chosen;
}

async function main(): Promise<void> {
  const { runs, warmUps, bindMounts, only, json } = options();
  if (process.getuid?.() !== 0)
    throw new Error('the benchmark needs root: every contender makes namespaces');
  const status = await rerunWithPrivateMounts();
  if (status !== undefined) {
    process.exitCode = status;
    return;
  }

  const stop = interruption();
  const progress = new Progress();
  const contenders = allContenders().filter(({ name }) => only?.includes(name) ?? true);
  const reasons = await reasonsAgainst(contenders);
  const taking = contenders.filter((contender) => !reasons.has(contender));
  if (taking.length === 0) {
    const why = [...reasons].map(([{ name }, reason]) => `${name}: ${reason}`);
    throw new Error(`nothing to measure (${why.join('; ')})`);
  }

  const workplace = makeWorkplace(bindMounts);
  const figures: Figure[] = workplace.bundles.clock ? figureNames : ['life'];
  try {
    for (const contender of taking) {
      stop.throwIfAborted();
      progress.step(`preparing ${contender.name}`);
      await contender.prepare(workplace);
    }
    const samples = await measure({
      contenders: taking,
      figures,
      warmUps,
      runs,
      interruption: stop,
      onRound: (done, all) => progress.round(done, all),
    });
    progress.step('measuring memory');
    const residents = workplace.bundles.wait ? await measureMemory(taking, stop) : new Map();
    progress.clear();
    const results = collect({ runs, bindMounts, contenders, reasons, samples, residents });
    console.log(report(results));
    if (json) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  } finally {
    for (const contender of taking) await contender.close();
  }
}

async function reasonsAgainst(contenders: readonly Contender[]): Promise<Map<Contender, string>> {
  const reasons = new Map<Contender, string>();
  for (const contender of contenders) {
    const reason = await contender.unavailable();
    if (reason) reasons.set(contender, reason);
  }
  return reasons;
}

async function measureMemory(
  contenders: readonly Contender[],
  stop: AbortSignal,
): Promise<Map<Contender, number>> {
  const residents = new Map<Contender, number>();
  for (const contender of contenders) {
    stop.throwIfAborted();
    const resident = await contender.resident?.(`bench-${process.pid}-${contender.name}-memory`);
    if (resident) residents.set(contender, resident);
  }
  return residents;
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
