import {
  addBundleOptions,
  addRunOptions,
  type BundleOptions,
  compileOptions,
} from '../bundle-options.ts';
import { compileWith } from '../compile-bundle.ts';
import type { AddCommand } from './command.ts';

interface Options extends BundleOptions {
  readonly output: string;
}

export const addCompile: AddCommand = (program, session) => {
  const command = program
    .command('compile')
    .description('compile a bundle to a launcher: FILE ID then runs a container, with nothing else')
    .argument('[bundle]', 'path to the root of the bundle directory', '.')
    .requiredOption('-o, --output <file>', 'the launcher to write')
    .action(async (bundle: string, options: Options) => {
      const current = session();
      const { globals } = current;
      const compiling = { ...compileOptions('run', bundle, options, globals), kept: true };
      const { launcher } = await compileWith(current, compiling);
      const { writeExecutable } = await import('../write-executable.ts');
      writeExecutable(options.output, launcher);
    });
  addRunOptions(addBundleOptions(command));
};
