import type { Command } from 'commander';
import type { ExplainOptions, ProfileOptions } from '../seccomp.ts';
import type { AddCommand } from './command.ts';

/** Profiles for people: nothing of it is needed to start containers. */
export const addSeccomp: AddCommand = (program, session) => {
  const seccomp = program
    .command('seccomp')
    .description('compile, explain or convert a seccomp profile');

  profileCommand(seccomp, 'compile')
    .description('print the filter that a profile compiles to, or write it as struct sock_filter[]')
    .option('-o, --output <file>', 'write the filter there, ready to be loaded')
    .action(async (file: string, options: ProfileOptions & { readonly output?: string }) => {
      const { compileProfile } = await import('../seccomp.ts');
      const { text, warnings } = compileProfile(file, options);
      for (const warning of warnings) session().log.warn(warning);
      session().print(text);
    });

  profileCommand(seccomp, 'explain')
    .description('tell what a profile does with a system call, and which rule decides')
    .argument('<call>', 'name or number of the system call')
    .argument('[args...]', 'its arguments, 0 where there is none')
    .option('--call-arch <arch>', 'SCMP_ARCH_* of the call (default: the one compiled for)')
    .action(
      async (file: string, call: string, args: readonly string[], options: ExplainOptions) => {
        const { explainCall } = await import('../seccomp.ts');
        session().print(explainCall(file, call, args, options));
      },
    );

  profileCommand(seccomp, 'convert')
    .description("print a profile in Docker's format as linux.seccomp")
    .action(async (file: string, options: ProfileOptions) => {
      const { convertProfile } = await import('../seccomp.ts');
      session().print(convertProfile(file, options));
    });
};

function profileCommand(parent: Command, name: string): Command {
  return parent
    .command(name)
    .argument(
      '<profile>',
      "file with linux.seccomp, a config.json or a profile of Docker's; '-' is the standard input",
    )
    .option('--arch <arch>', "SCMP_ARCH_* to compile for (default: this machine's)")
    .option(
      '--cap <capability>',
      "of the container, may be repeated; only Docker's format asks (default: Docker's)",
      (capability: string, others: readonly string[] = []) => [...others, capability],
    )
    .option('--kernel <version>', "only Docker's format asks (default: this machine's)");
}
