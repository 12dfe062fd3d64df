import { addBundleOptions, addRunOptions } from '../bundle-options.ts';
import { type LaunchOptions, launch } from '../launch-container.ts';
import type { AddCommand } from './command.ts';
import { addLaunchOptions } from './launch-options.ts';

export const addRun: AddCommand = (program, session) => {
  const command = program
    .command('run')
    .description('create and run a container')
    .argument('<container-id>', 'the name of the new container, unique on this host')
    .action((id: string, options: LaunchOptions) => launch(session(), 'run', id, options));
  addRunOptions(addBundleOptions(addLaunchOptions(command)));
};
