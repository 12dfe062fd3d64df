/**
 * Becomes the process of a config, live: run by live-start.test.ts, since what it does to a process
 * cannot be undone. The config is the only argument.
 */
import { readFileSync } from 'node:fs';
import { LiveKernel } from '@oci/kernel/live';
import { parseConfig, requireRunnable } from '@oci/spec';
import { checkProcess, processStages } from '../src/index.ts';
import { contextWith } from './config.ts';

const config = requireRunnable(parseConfig(process.argv[2] ?? ''));
const status = readFileSync('/proc/thread-self/status', 'utf8');
const context = contextWith({
  permitted: BigInt(`0x${/^CapPrm:\s*(\w+)/m.exec(status)?.[1]}`),
  lastCapability: Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8')),
});
const { issues } = checkProcess(config, context);
if (issues.length > 0) throw new Error(JSON.stringify(issues));
const { container, exec } = processStages(config, context);
const kernel = new LiveKernel();
for (const stage of [...container, exec]) stage.run(kernel);
