import type { Report } from '../errors.ts';
import type { Features } from '../features.ts';
import { checkAnnotations } from './annotations.ts';
import { checkVersion, releaseOf } from './version.ts';

/** features.md, "Specification version". */
export function checkFeaturesRules(features: Features, report: Report): void {
  checkAnnotations(features.annotations, report);
  checkVersion(features.ociVersionMin, 'ociVersionMin', report);
  checkVersion(features.ociVersionMax, 'ociVersionMax', report);
  const min = releaseOf(features.ociVersionMin);
  const max = releaseOf(features.ociVersionMax);
  if (min === undefined || max === undefined) return;
  const differing = max.findIndex((number, i) => number !== min[i]);
  if (differing >= 0 && (max[differing] ?? 0) < (min[differing] ?? 0)) {
    report('ociVersionMax', 'must not be less than ociVersionMin');
  }
}
