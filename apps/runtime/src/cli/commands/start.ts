import type { AddCommand } from './command.ts';

export const addStart: AddCommand = (program, session) => {
  program
    .command('start')
    .description('execute the user defined process in a created container')
    .argument('<container-id>', 'the name of the container')
    .action(async (id: string) => {
      const { store, kernel } = await session().forChange();
      const { startContainer } = await import('../../store/start.ts');
      await startContainer(store, id, kernel);
    });
};
