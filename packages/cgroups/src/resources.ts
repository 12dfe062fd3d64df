import type { Issue, Resources } from '@oci/spec';
import { controllers } from './controllers/index.ts';
import { checkUnified, unifiedSettings } from './controllers/unified.ts';
import { hierarchyOf, type Layout } from './layout.ts';
import type { Report } from './report.ts';
import type { Controller, Mapping, Setting } from './setting.ts';

export interface ResourceSettings {
  /** In the order to write them in, to a cgroup that was just made. */
  readonly settings: readonly Setting[];
  /** What this host has nothing for. */
  readonly issues: readonly Issue[];
}

/**
 * `linux.resources`, but for devices, as values of files. A hybrid host may have some controllers on
 * version 1 and others on version 2; each is written as its own version has it.
 */
export function resourceSettings(resources: Resources, layout: Layout): ResourceSettings {
  const issues: Issue[] = [...checkUnified(resources, layout)];
  const report: Report = (path, message) => issues.push({ path, message });
  const settings = controllers.flatMap((controller): Setting[] => {
    const mapping = mappingOn(layout, controller);
    return (mapping?.settings(resources, report) ?? []).map((setting) => ({
      controller: mapping?.controller ?? '',
      ...setting,
    }));
  });
  settings.push(...unifiedSettings(resources));
  const missing = settings.filter(
    ({ controller }) => controller !== 'cgroup' && !hierarchyOf(layout, controller),
  );
  for (const path of new Set(missing.map(({ path }) => path))) {
    const { controller } = missing.find((setting) => setting.path === path) ?? {};
    report(path, `needs the cgroup controller ${controller}, which is not there`);
  }
  return { settings, issues };
}

/** How a controller is written where it is; where it is nowhere, how it would be. */
function mappingOn(layout: Layout, { v1, v2 }: Controller): Mapping | undefined {
  const isOn = (version: 1 | 2, mapping: Mapping | undefined) =>
    mapping !== undefined && hierarchyOf(layout, mapping.controller)?.version === version;
  if (isOn(1, v1)) return v1;
  if (isOn(2, v2)) return v2;
  return (layout.kind === 'unified' ? v2 : v1) ?? v1;
}
