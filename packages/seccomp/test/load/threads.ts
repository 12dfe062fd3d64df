/**
 * Loads a filter in the main thread of a process that has others, and prints the error numbers of a
 * call that it denies: in the main thread, in one that was there before, and in a new one.
 *
 *   threads.ts [FLAG]...
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { PR_SET_NO_NEW_PRIVS } from '@oci/kernel';
import { LiveKernel, loadKoffi } from '@oci/kernel/live';
import { type Seccomp, SeccompFlag } from '@oci/spec';
import { compileFilter, loadFilter, nativeArchitecture, syscallNumber } from '../../src/index.ts';

const arch = nativeArchitecture(process.arch === 'x64' ? 'x86_64' : 'aarch64');
const names = process.argv.slice(2);
const profile: Seccomp = {
  defaultAction: 'SCMP_ACT_ALLOW',
  flags: SeccompFlag.options.filter((flag) => names.includes(flag)),
  syscalls: [{ names: ['getpriority'], action: 'SCMP_ACT_ERRNO', errnoRet: 1234 }],
};

/** Makes the call whenever it is asked to. */
const asking = `
  const { parentPort } = require('node:worker_threads');
  const koffi = require('koffi');
  const syscall = koffi.load(null).func('long syscall(long, long, long)');
  parentPort.on('message', () => {
    const result = syscall(${syscallNumber(arch, 'getpriority')}, 0, 0);
    parentPort.postMessage(result === -1 ? koffi.errno() : 0);
  });`;

async function errnoIn(worker: Worker): Promise<unknown> {
  worker.postMessage('ask');
  const [errno] = await once(worker, 'message');
  return errno;
}

const before = new Worker(asking, { eval: true });
const unconfined = await errnoIn(before);

const kernel = new LiveKernel();
kernel.prctl(PR_SET_NO_NEW_PRIVS, 1);
loadFilter(kernel, profile, compileFilter(profile, { architecture: arch }));

const koffi = loadKoffi();
const syscall = koffi.load(null).func('long syscall(long, long, long)');
const main = syscall(syscallNumber(arch, 'getpriority'), 0, 0) === -1 ? koffi.errno() : 0;
const after = new Worker(asking, { eval: true });
console.log(
  JSON.stringify({ unconfined, main, before: await errnoIn(before), after: await errnoIn(after) }),
);
process.exit(0);
