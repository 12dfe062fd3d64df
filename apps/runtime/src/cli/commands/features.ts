import type { AddCommand } from './command.ts';

export const addFeatures: AddCommand = (program, session) => {
  program
    .command('features')
    .description('show the enabled features')
    .action(async () => {
      const { features } = await import('../features.ts');
      session().print(`${JSON.stringify(features(), null, 4)}\n`);
    });
};
