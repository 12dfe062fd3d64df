import { explain } from '../../log/explain.ts';
import { type ContainerState, describeState } from '../../store/state.ts';
import { formatTable } from '../table.ts';
import type { AddCommand } from './command.ts';

interface ListOptions {
  readonly format: string;
  readonly quiet: boolean;
}

export const addList: AddCommand = (program, session) => {
  program
    .command('list')
    .description('list containers below the given root')
    .option('-f, --format <format>', "'table' or 'json'", 'table')
    .option('-q, --quiet', 'display only container IDs', false)
    .action(async ({ format, quiet }: ListOptions) => {
      const current = session();
      const { log } = current;
      const store = await current.openStore();
      const containers = store.list((id, error) => {
        log.warn(`load container ${id}: ${explain(error)}`);
      });
      const show = quiet ? formatIds : formats.get(format);
      if (!show) throw new Error('invalid format option');
      current.print(show(containers.map(describeState)));
    });
};

function formatIds(states: readonly ContainerState[]): string {
  return states.map(({ id }) => `${id}\n`).join('');
}

function formatStates(states: readonly ContainerState[]): string {
  const header = ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'];
  const rows = states.map(({ id, pid, status, bundle, created, owner }) => [
    ...[id, String(pid), status, bundle],
    ...[created, owner],
  ]);
  return formatTable([header, ...rows]);
}

/** Nothing is `null`, as runc prints an empty list. */
function formatJson(states: readonly ContainerState[]): string {
  return `${JSON.stringify(states.length === 0 ? null : states)}\n`;
}

const formats = new Map([
  ['table', formatStates],
  ['json', formatJson],
]);
