import type { AddCommand } from './command.ts';

export const addDelete: AddCommand = (program, session) => {
  program
    .command('delete')
    .description('delete any resources held by a container')
    .argument('<container-id>', 'the name of the container')
    .option('-f, --force', 'also when it is running (uses SIGKILL)', false)
    .action(async (id: string, options: { force: boolean }) => {
      const current = session();
      const { store, kernel } = await current.forChange();
      const { deleteContainer } = await import('../../store/delete.ts');
      const onDamage = (error: Error) => current.log.warn(error.message);
      await deleteContainer(store, id, kernel, { ...options, onDamage });
    });
};
