// Runs one live command, in a process of its own: argv has its name and the socket of the bus.
import { LiveKernel } from '@oci/kernel/live';
import { removeUnit, updateUnit } from '../../src/systemd/index.ts';
import { unified } from '../support/layouts.ts';

const [, , name, socket = ''] = process.argv;
const k = new LiveKernel();
const unit = { name: 'docker-box.scope', socket };
try {
  if (name === 'remove') removeUnit(k, unit);
  else
    updateUnit(k, unit, {
      resources: {
        cpu: { quota: 50_000, period: 100_000 },
        devices: [{ allow: true, access: 'rwm' }],
      },
      layout: unified,
      deviceGroups: () => '',
    });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
