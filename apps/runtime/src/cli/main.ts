import { explain } from '../log/explain.ts';
import { liveKernel } from '../store/kernel.ts';
import { loadEngine } from './engine.ts';
import { processIo } from './io.ts';
import { run } from './run.ts';

process.on('uncaughtException', (error) => {
  processIo.stderr(`ocirun: ${explain(error)}\n`);
  process.exit(1);
});

const environment = { io: processIo, loadEngine, loadKernel: liveKernel };
// At once: whatever is left to be done, nobody waits for it.
void run(process.argv.slice(2), environment).then((status) => process.exit(status));
