import type { AddCommand } from './command.ts';

interface SpecOptions {
  readonly bundle: string;
  readonly rootless: boolean;
}

export const addSpec: AddCommand = (program, session) => {
  program
    .command('spec')
    .description('create a new specification file')
    .option('-b, --bundle <dir>', 'path to the root of the bundle directory', '.')
    .option('--rootless', 'generate a configuration for a rootless container', false)
    .action(async ({ bundle, rootless }: SpecOptions) => {
      session().log.debug(`writing config.json into ${bundle}`);
      const { writeDefaultConfig } = await import('../write-config.ts');
      writeDefaultConfig(bundle, rootless);
    });
};
