import { addBundleOptions } from '../bundle-options.ts';
import { type LaunchOptions, launch } from '../launch-container.ts';
import type { AddCommand } from './command.ts';
import { addLaunchOptions } from './launch-options.ts';

export const addCreate: AddCommand = (program, session) => {
  const command = program
    .command('create')
    .description('create a container')
    .argument('<container-id>', 'the name of the new container, unique on this host')
    .action((id: string, options: LaunchOptions) => launch(session(), 'create', id, options));
  addBundleOptions(addLaunchOptions(command));
};
