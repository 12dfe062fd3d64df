import type { Process } from '../config/process.ts';
import type { Report } from '../errors.ts';
import { checkAffinity, checkIOPriority, checkScheduler } from './scheduling.ts';

/** getrlimit(2): every resource that Linux knows. */
const resources: ReadonlySet<string> = new Set([
  'RLIMIT_AS',
  'RLIMIT_CORE',
  'RLIMIT_CPU',
  'RLIMIT_DATA',
  'RLIMIT_FSIZE',
  'RLIMIT_LOCKS',
  'RLIMIT_MEMLOCK',
  'RLIMIT_MSGQUEUE',
  'RLIMIT_NICE',
  'RLIMIT_NOFILE',
  'RLIMIT_NPROC',
  'RLIMIT_RSS',
  'RLIMIT_RTPRIO',
  'RLIMIT_RTTIME',
  'RLIMIT_SIGPENDING',
  'RLIMIT_STACK',
]);

/** config.md, "Process". `prefix` is what paths start with: `process.`, or nothing for an exec's own file. */
export function checkProcessRules(process: Process, prefix: string, report: Report): void {
  if ((process.args?.length ?? 0) === 0) {
    report(
      `${prefix}args`,
      process.args === undefined ? 'is required' : 'must have at least one entry',
    );
  }
  if (!process.cwd.startsWith('/')) report(`${prefix}cwd`, 'must be an absolute path');
  checkEnv(process.env ?? [], `${prefix}env`, report);
  checkRlimits(process.rlimits ?? [], `${prefix}rlimits`, report);
  const { oomScoreAdj, scheduler, ioPriority, execCPUAffinity } = process;
  if (oomScoreAdj !== undefined && (oomScoreAdj < -1000 || oomScoreAdj > 1000)) {
    report(`${prefix}oomScoreAdj`, 'must be from -1000 to 1000');
  }
  if (scheduler !== undefined) checkScheduler(scheduler, `${prefix}scheduler`, report);
  if (ioPriority !== undefined) checkIOPriority(ioPriority, `${prefix}ioPriority`, report);
  checkAffinity(execCPUAffinity, `${prefix}execCPUAffinity`, report);
}

function checkEnv(env: readonly string[], at: string, report: Report): void {
  for (const [i, entry] of env.entries()) {
    const end = entry.indexOf('=');
    if (end < 0) report(`${at}[${i}]`, "must be NAME=VALUE, but has no '='");
    if (end === 0) report(`${at}[${i}]`, 'must be NAME=VALUE, but its name is empty');
  }
}

function checkRlimits(rlimits: NonNullable<Process['rlimits']>, at: string, report: Report): void {
  const seen = new Set<string>();
  for (const [i, { type, soft, hard }] of rlimits.entries()) {
    if (!resources.has(type)) report(`${at}[${i}].type`, `${JSON.stringify(type)} is not known`);
    if (seen.has(type)) report(`${at}[${i}].type`, `${type} is given twice`);
    seen.add(type);
    if (soft > hard) report(`${at}[${i}].soft`, `must not exceed the hard limit of ${hard}`);
  }
}
