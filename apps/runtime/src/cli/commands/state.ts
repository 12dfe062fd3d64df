import { describeState } from '../../store/state.ts';
import type { AddCommand } from './command.ts';

export const addState: AddCommand = (program, session) => {
  program
    .command('state')
    .description('output the state of a container')
    .argument('<container-id>', 'the name of the container')
    .action((id: string) => {
      const current = session();
      const state = describeState(current.store.load(id));
      current.print(`${JSON.stringify(state, null, 2)}\n`);
    });
};
