import type { Command } from 'commander';
import type { Session } from '../session.ts';

/** Adds one command to the program. The session is made when the command runs. */
export type AddCommand = (program: Command, session: () => Session) => void;
