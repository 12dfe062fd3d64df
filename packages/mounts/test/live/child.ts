// Runs all stages live, in namespaces that unshare(1) has just made for this process alone.
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
} from 'node:fs';
import { LiveKernel } from '@oci/kernel/live';
import {
  checkMounts,
  deviceStages,
  MountsProvisions,
  maskStages,
  mountStages,
  pivotStages,
  rootfsStages,
} from '../../src/index.ts';
import type { Found, Report, Request } from './report.ts';

function kindOf(stats: Stats): NonNullable<Found['kind']> {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isCharacterDevice()) return 'character';
  if (stats.isBlockDevice()) return 'block';
  return stats.isFIFO() ? 'fifo' : 'other';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function look(path: string): Found {
  try {
    const stats = lstatSync(path);
    const kind = kindOf(stats);
    return {
      kind,
      mode: (stats.mode & 0o7777).toString(8),
      owner: `${stats.uid}:${stats.gid}`,
      ...(kind === 'character' || kind === 'block'
        ? { device: `${stats.rdev >> 8}:${stats.rdev & 0xff}` }
        : {}),
      ...(kind === 'link' ? { target: readlinkSync(path) } : {}),
      ...(kind === 'directory' ? { entries: readdirSync(path).sort() } : {}),
      ...(kind === 'file' ? { content: readFileSync(path, 'utf8').slice(0, 1000) } : {}),
    };
  } catch (error) {
    return { error: codeOf(error) };
  }
}

function create(path: string): string {
  try {
    closeSync(openSync(path, 'wx'));
    return 'created';
  } catch (error) {
    return codeOf(error);
  }
}

/** The open descriptors of this process, with what they lead to. */
function descriptors(): Map<string, string> {
  const open = new Map<string, string>();
  for (const fd of readdirSync('/proc/thread-self/fd')) {
    try {
      open.set(fd, readlinkSync(`/proc/thread-self/fd/${fd}`));
    } catch {
      // The listing's own.
    }
  }
  return open;
}

function run({ config, bundle, noPivot = false, cgroups, ...wanted }: Request): Report {
  const issues = checkMounts(config, { noPivot, cgroups });
  if (issues.length > 0)
    return { error: issues.map(({ path, message }) => `${path}: ${message}`).join('\n') };
  const user = config.linux?.namespaces?.some(({ type }) => type === 'user') ?? false;
  const context = { bundle, noPivot, rootless: user, ...(cgroups && { cgroups }) };
  const provisions = new MountsProvisions();
  const kernel = new LiveKernel();
  const before = descriptors();
  for (const stages of [rootfsStages, mountStages, deviceStages, pivotStages, maskStages])
    for (const stage of stages(config, context, provisions)) stage.run(kernel);
  const paths = wanted.look ?? [];
  const files = wanted.create ?? [];
  return {
    mountinfo: readFileSync('/proc/thread-self/mountinfo', 'utf8'),
    cwd: readlinkSync('/proc/thread-self/cwd'),
    created: Object.fromEntries(files.map((path) => [path, create(path)])),
    found: Object.fromEntries(paths.map((path) => [path, look(path)])),
    descriptors: [...descriptors()].flatMap(([fd, target]) => (before.has(fd) ? [] : [target])),
  };
}

const request: Request = JSON.parse(readFileSync(0, 'utf8'));
let report: Report;
try {
  report = run(request);
} catch (error) {
  report = { error: error instanceof Error ? error.message : String(error) };
}
process.stdout.write(JSON.stringify(report));
