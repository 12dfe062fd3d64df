import type { AddCommand } from './command.ts';

export const addKill: AddCommand = (program, session) => {
  program
    .command('kill')
    .description("send a signal to the container's first process")
    .argument('<container-id>', 'the name of the container')
    .argument('[signal]', 'its name or number', 'SIGTERM')
    .option('-a, --all', 'send the signal to all processes inside the container', false)
    .action(async (id: string, signal: string, options: { all: boolean }) => {
      const { store, kernel } = await session().forChange();
      const { killContainer } = await import('../../store/kill.ts');
      await killContainer(store, id, signal, kernel, options);
    });
};
