import {
  addBundleOptions,
  addRunOptions,
  type BundleOptions,
  compileOptions,
} from '../bundle-options.ts';
import { compileWith } from '../compile-bundle.ts';
import type { AddCommand } from './command.ts';

export const addPlan: AddCommand = (program, session) => {
  const command = program
    .command('plan')
    .description('print the system calls that starting a bundle would make, lane by lane')
    .argument('[bundle]', 'path to the root of the bundle directory', '.')
    .action(async (bundle: string, options: BundleOptions) => {
      const current = session();
      const { globals } = current;
      const { program } = await compileWith(
        current,
        compileOptions('run', bundle, options, globals),
      );
      const text = await current.engine.describeProgram(program);
      current.print(`${text.trimEnd()}\n`);
    });
  addRunOptions(addBundleOptions(command));
};
