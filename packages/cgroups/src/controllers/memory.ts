import { type Memory, toInt64 } from '@oci/spec';
import { isGiven, isUnlimited, limitOrMax } from '../numbers.ts';
import type { Report } from '../report.ts';
import type { Controller, ControllerSetting } from '../setting.ts';

const at = 'linux.resources.memory';

/** config-linux.md, "Memory". */
export const memory: Controller = {
  v1: { controller: 'memory', settings: ({ memory = {} }) => legacy(memory) },
  v2: { controller: 'memory', settings: ({ memory = {} }, report) => unified(memory, report) },
};

/** admin-guide/cgroup-v1/memory.rst. */
function legacy(memory: Memory): ControllerSetting[] {
  const { limit, reservation, swap, kernel, kernelTCP } = memory;
  const settings: ControllerSetting[] = [];
  const set = (file: string, value: unknown, key: keyof Memory) =>
    settings.push({ file: `memory.${file}`, value: String(value), path: `${at}.${key}` });
  if (memory.useHierarchy !== undefined)
    set('use_hierarchy', Number(memory.useHierarchy), 'useHierarchy');
  if (isGiven(limit)) set('limit_in_bytes', toInt64(limit), 'limit');
  if (isGiven(swap)) set('memsw.limit_in_bytes', toInt64(swap), 'swap');
  // Else the limit of both would stay in the way of one that is lifted.
  else if (isGiven(limit) && isUnlimited(limit))
    settings.push({
      file: 'memory.memsw.limit_in_bytes',
      value: '-1',
      path: `${at}.limit`,
      otherwise: 'nothing',
    });
  if (isGiven(kernel)) set('kmem.limit_in_bytes', toInt64(kernel), 'kernel');
  if (isGiven(kernelTCP)) set('kmem.tcp.limit_in_bytes', toInt64(kernelTCP), 'kernelTCP');
  if (isGiven(reservation)) set('soft_limit_in_bytes', toInt64(reservation), 'reservation');
  if (memory.swappiness !== undefined) set('swappiness', memory.swappiness, 'swappiness');
  if (memory.disableOOMKiller !== undefined)
    set('oom_control', Number(memory.disableOOMKiller), 'disableOOMKiller');
  return settings;
}

/** admin-guide/cgroup-v2.rst, "Memory Interface Files"; the limits are converted as runc does. */
function unified(memory: Memory, report: Report): ControllerSetting[] {
  refuseLegacy(memory, report);
  const { limit, reservation } = memory;
  const settings: ControllerSetting[] = [];
  const swap = swapAlone(memory, report);
  if (swap !== undefined) {
    const setting = { file: 'memory.swap.max', value: swap, path: `${at}.swap` };
    // Without swap accounting there is no swap to forbid, and none to limit.
    const harmless = swap === 'max' || swap === '0';
    settings.push(harmless ? { ...setting, otherwise: 'nothing' } : setting);
  }
  if (isGiven(limit))
    settings.push({ file: 'memory.max', value: limitOrMax(limit), path: `${at}.limit` });
  if (isGiven(reservation))
    settings.push({
      file: 'memory.low',
      value: limitOrMax(reservation),
      path: `${at}.reservation`,
    });
  return settings;
}

/** Version 2 limits swap by itself, a config memory and swap together. */
function swapAlone({ limit, swap }: Memory, report: Report): string | undefined {
  if (!isGiven(swap)) return isGiven(limit) && isUnlimited(limit) ? 'max' : undefined;
  if (isUnlimited(swap)) return 'max';
  if (!isGiven(limit) || isUnlimited(limit)) {
    report(`${at}.swap`, 'needs a limit of memory beside it on cgroup v2');
    return undefined;
  }
  const rest = toInt64(swap) - toInt64(limit);
  if (rest < 0n) report(`${at}.swap`, 'must not be below the limit of memory');
  return String(rest);
}

function refuseLegacy(memory: Memory, report: Report): void {
  for (const key of ['kernel', 'kernelTCP'] as const) {
    const value = memory[key];
    if (isGiven(value) && !isUnlimited(value))
      report(`${at}.${key}`, 'cgroup v2 has no limit of its own for kernel memory');
  }
  if (memory.swappiness !== undefined) report(`${at}.swappiness`, 'cgroup v2 has no swappiness');
  if (memory.disableOOMKiller === true)
    report(`${at}.disableOOMKiller`, 'cgroup v2 cannot disable the OOM killer');
  if (memory.useHierarchy === false)
    report(`${at}.useHierarchy`, 'cgroup v2 always accounts hierarchically');
}
