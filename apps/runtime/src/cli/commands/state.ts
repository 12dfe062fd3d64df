import { describeState } from '../../store/state.ts';
import type { AddCommand } from './command.ts';

export const addState: AddCommand = (program, session) => {
  program
    .command('state')
    .description('output the state of a container')
    .argument('<container-id>', 'the name of the container')
    .action(async (id: string) => {
      const current = session();
      const store = await current.openStore();
      const state = describeState(store.load(id));
      current.print(`${JSON.stringify(state, null, 2)}\n`);
    });
};
