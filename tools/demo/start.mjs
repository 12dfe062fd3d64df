/**
 * `npm start [-- COMMAND ARGS…]`: sets the checkout up, and runs a command in a container made out of
 * what this machine has. Plain JavaScript, for it runs before anything is installed.
 */
import { existsSync } from 'node:fs';
import { installPackages } from '../setup/install.mjs';
import { CommandFailed, runQuietly } from '../setup/run.mjs';
import { isWritable, ocirun, tool, workspace } from '../setup/workspace.mjs';
import { makeBundle, removeBundle } from './bundle.mjs';
import { runContainer } from './container.mjs';
import { showingCommand } from './showing.mjs';

async function setUp() {
  if (!isWritable()) {
    if (existsSync(`${workspace}/apps/runtime/dist`)) return;
    throw new CommandFailed(`${workspace} is not built, and may not be by this user`);
  }
  await installPackages();
  await runQuietly('Building', [tool('nx'), 'run-many', '-t', 'build']);
  if (!existsSync(ocirun)) throw new CommandFailed(`${ocirun} is missing`);
}

async function start() {
  await setUp();
  const command = process.argv.slice(2);
  if (command.length > 0) return runIn(command);

  process.stderr.write('\n');
  const status = await runIn(showingCommand());
  if (status === 0) {
    process.stderr.write('\nAnother command in it: npm start -- COMMAND ARGS…\n');
  }
  return status;
}

/** @param {readonly string[]} command */
async function runIn(command) {
  const bundle = makeBundle(command);
  try {
    return await runContainer(bundle);
  } finally {
    removeBundle(bundle);
  }
}

try {
  process.exitCode = await start();
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
