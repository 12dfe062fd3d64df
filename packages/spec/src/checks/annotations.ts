import type { Config } from '../config/config.ts';
import type { Report } from '../errors.ts';
import { member } from '../paths.ts';

/** config.md and runtime.md, "Annotations". */
export function checkAnnotations(annotations: Config['annotations'], report: Report): void {
  if (annotations !== undefined && '' in annotations) {
    report(member('annotations', ''), 'must have a key that is not empty');
  }
}
