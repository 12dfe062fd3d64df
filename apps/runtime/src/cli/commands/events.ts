import { Option } from 'commander';
import { parseDuration } from '../duration.ts';
import type { AddCommand } from './command.ts';

export const addEvents: AddCommand = (program, session) => {
  program
    .command('events')
    .description(
      'display container events such as OOM notifications, and resource usage statistics',
    )
    .argument('<container-id>', 'the name of the container')
    .addOption(
      new Option('--interval <duration>', 'how often statistics are displayed')
        .argParser(parseDuration)
        .default(5000, '5s'),
    )
    .option('--stats', "display the container's stats then exit", false)
    .action(async (id: string, { interval, stats }: { interval: number; stats: boolean }) => {
      const { followEvents, observe, printStats } = await import('../follow-events.ts');
      const observed = await observe(session(), id);
      if (stats) printStats(observed);
      else await followEvents(observed, interval);
    });
};
