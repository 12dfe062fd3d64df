import { requireCgroup } from '../../store/cgroup.ts';
import { ContainerError } from '../../store/errors.ts';
import { listProcesses } from '../processes.ts';
import type { AddCommand } from './command.ts';

export const addPs: AddCommand = (program, session) => {
  program
    .command('ps')
    .description('display the processes running inside a container')
    .argument('<container-id>', 'the name of the container')
    .argument('[ps-options...]', "options of ps(1), '-ef' unless given")
    .option('-f, --format <format>', "'table' or 'json'", 'table')
    .passThroughOptions()
    .action((id: string, options: readonly string[], { format }: { format: string }) => {
      const current = session();
      const container = current.store.load(id);
      if (container.status() === 'stopped')
        throw new ContainerError('WRONG_STATUS', 'container not running');
      const pids = requireCgroup(container).processes();
      if (format === 'json') current.print(`${JSON.stringify(pids)}\n`);
      else if (format === 'table') current.print(listProcesses(pids, options));
      else throw new Error('invalid format option');
    });
};
