import type { AddCommand } from './command.ts';

export const addPause: AddCommand = (program, session) => {
  program
    .command('pause')
    .description('suspend all processes inside the container')
    .argument('<container-id>', 'the name of the container')
    .action(async (id: string) => {
      const { store, kernel } = await session().forChange();
      const { pauseContainer } = await import('../../store/pause.ts');
      await pauseContainer(store, id, kernel);
    });
};

export const addResume: AddCommand = (program, session) => {
  program
    .command('resume')
    .description('resume all processes that have been paused')
    .argument('<container-id>', 'the name of the container')
    .action(async (id: string) => {
      const { store, kernel } = await session().forChange();
      const { resumeContainer } = await import('../../store/pause.ts');
      await resumeContainer(store, id, kernel);
    });
};
