/**
 * Loads the filter of a sample's profile in this process, makes the sample's calls, and prints how
 * many the filter answered and which of them otherwise than the simulator says.
 *
 *   confined.ts SEED
 */
import { PR_SET_NO_NEW_PRIVS } from '@oci/kernel';
import { LiveKernel, loadKoffi } from '@oci/kernel/live';
import {
  compileFilter,
  describeReturn,
  loadFilter,
  nativeArchitecture,
  returnValue,
  syscallNumber,
  verdict,
} from '../../src/index.ts';
import { sample } from './sample.ts';

const koffi = loadKoffi();
const syscall = koffi
  .load(null)
  .func('long syscall(long, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t)');

const arch = nativeArchitecture(process.arch === 'x64' ? 'x86_64' : 'aarch64');
const { profile, calls } = sample(Number(process.argv[2]), arch);
const compiled = compileFilter(profile, { architecture: arch });

const kernel = new LiveKernel();
kernel.prctl(PR_SET_NO_NEW_PRIVS, 1);
loadFilter(kernel, profile, compiled);

const allow = returnValue('SCMP_ACT_ALLOW');
const wrong: string[] = [];
let answered = 0;
for (const { name, args } of calls) {
  const nr = syscallNumber(arch, name) ?? -1;
  const expected = verdict(compiled.filter, { arch, nr, args }).value;
  const errno = syscall(nr, ...args, 0n, 0n, 0n) === -1 ? koffi.errno() : 0;
  // Without a rule they fail too, for want of a descriptor, with small numbers.
  const value = errno >= 1000 ? returnValue('SCMP_ACT_ERRNO', errno) : allow;
  if (value !== allow) answered++;
  if (value !== expected)
    wrong.push(
      `${name}(${args.join()}): ${describeReturn(value)}, not ${describeReturn(expected)}`,
    );
}
console.log(JSON.stringify({ calls: calls.length, answered, wrong }));
