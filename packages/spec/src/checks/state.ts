import type { Report } from '../errors.ts';
import type { State } from '../state.ts';
import { checkAnnotations } from './annotations.ts';
import { checkVersion } from './version.ts';

/** runtime.md, "State". */
export function checkStateRules(state: State, report: Report): void {
  checkVersion(state.ociVersion, 'ociVersion', report);
  checkAnnotations(state.annotations, report);
  if (state.id === '') report('id', 'must not be empty');
  if (!state.bundle.startsWith('/')) report('bundle', 'must be an absolute path');
  if (state.pid === undefined) {
    if (state.status === 'created' || state.status === 'running') {
      report('pid', `is required while the status is ${state.status}`);
    }
  } else if (state.pid < 0) report('pid', 'must not be negative');
}
