import type { Command } from 'commander';

export function addLaunchOptions(command: Command): Command {
  return command
    .option('-b, --bundle <dir>', 'path to the root of the bundle directory', '.')
    .option('--console-socket <path>', 'a socket that receives the terminal')
    .option('--pid-file <file>', 'the file to write the process id to');
}
