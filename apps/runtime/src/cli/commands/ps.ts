import type { AddCommand } from './command.ts';

export const addPs: AddCommand = (program, session) => {
  program
    .command('ps')
    .description('display the processes running inside a container')
    .argument('<container-id>', 'the name of the container')
    .argument('[ps-options...]', "options of ps(1), '-ef' unless given")
    .option('-f, --format <format>', "'table' or 'json'", 'table')
    .passThroughOptions()
    .action(async (id: string, options: readonly string[], { format }: { format: string }) => {
      const current = session();
      const { describeProcesses, processesOf } = await import('../processes.ts');
      const pids = processesOf(await current.openStore(), id);
      if (format === 'json') current.print(`${JSON.stringify(pids)}\n`);
      else if (format === 'table') current.print(describeProcesses(pids, options));
      else throw new Error('invalid format option');
    });
};
