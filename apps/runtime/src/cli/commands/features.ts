import type { AddCommand } from './command.ts';

export const addFeatures: AddCommand = (program, session) => {
  program
    .command('features')
    .description('show the enabled features')
    .action(async () => {
      const [{ features }, { LiveKernel }] = await Promise.all([
        import('../features.ts'),
        import('@oci/kernel/live'),
      ]);
      session().print(`${JSON.stringify(features(new LiveKernel()), null, 4)}\n`);
    });
};
