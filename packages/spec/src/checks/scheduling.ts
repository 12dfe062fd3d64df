import type { ExecCPUAffinity, IOPriority, Scheduler } from '../config/scheduling.ts';
import type { Report } from '../errors.ts';
import { numberRanges } from '../number-ranges.ts';

/** config.md, "Linux Process", scheduler: what sched_setattr(2) would turn down with EINVAL. */
export function checkScheduler(scheduler: Scheduler, at: string, report: Report): void {
  const { policy, nice = 0, priority = 0 } = scheduler;
  if (nice < -20 || nice > 19) report(`${at}.nice`, 'must be from -20 to 19');
  if (policy === 'SCHED_FIFO' || policy === 'SCHED_RR') {
    if (priority < 1 || priority > 99) {
      report(`${at}.priority`, `must be from 1 to 99 for ${policy}`);
    }
  } else if (priority !== 0) {
    report(`${at}.priority`, 'needs the policy SCHED_FIFO or SCHED_RR');
  }
  if (policy === 'SCHED_DEADLINE') checkDeadline(scheduler, at, report);
  else {
    for (const key of ['runtime', 'deadline', 'period'] as const) {
      if (Number(scheduler[key] ?? 0) !== 0) {
        report(`${at}.${key}`, 'needs the policy SCHED_DEADLINE');
      }
    }
  }
}

/** sched(7): runtime <= deadline <= period; a period of zero means the deadline. */
function checkDeadline(scheduler: Scheduler, at: string, report: Report): void {
  const { runtime = 0, deadline = 0, period = 0 } = scheduler;
  if (runtime < 1024) report(`${at}.runtime`, 'must be 1024 at least for SCHED_DEADLINE');
  if (deadline < runtime) report(`${at}.deadline`, 'must not be less than the runtime');
  if (Number(period) !== 0 && period < deadline) {
    report(`${at}.period`, 'must not be less than the deadline');
  }
}

/** config.md, "Linux Process", ioPriority. */
export function checkIOPriority({ priority }: IOPriority, at: string, report: Report): void {
  if (priority < 0 || priority > 7) report(`${at}.priority`, 'must be from 0 to 7');
}

/** config.md, "Linux Process", execCPUAffinity. */
export function checkAffinity(
  affinity: ExecCPUAffinity | undefined,
  at: string,
  report: Report,
): void {
  for (const key of ['initial', 'final'] as const) {
    if (numberRanges(affinity?.[key] ?? '') === undefined) {
      report(`${at}.${key}`, 'must be a list of CPUs, such as 0-3,7');
    }
  }
}
