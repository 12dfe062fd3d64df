import type { Resources } from '@oci/spec';
import type { Hierarchy } from './layout.ts';
import type { Report } from './report.ts';

/** A value for a file of a cgroup. */
export interface Setting {
  /** Whose file it is, by the controller's name in the hierarchy that it is in; `cgroup` for core files. */
  readonly controller: string;
  readonly file: string;
  readonly value: string;
  /** The JSON path that asks for it. */
  readonly path: string;
  /** Where the kernel has no such file: another one to write, or nothing to do. */
  readonly otherwise?: Alternative | 'nothing';
}

/** Whether a hierarchy has a controller's files; version 2 those of the core as well. */
export function hasFilesOf({ version, controllers }: Hierarchy, controller: string): boolean {
  return controller === 'cgroup' ? version === 2 : controllers.includes(controller);
}

/** The settings whose files a hierarchy has. */
export function settingsIn(hierarchy: Hierarchy, settings: readonly Setting[]): readonly Setting[] {
  return settings.filter(({ controller }) => hasFilesOf(hierarchy, controller));
}

export interface Alternative {
  readonly file: string;
  readonly value: string;
}

export type ControllerSetting = Omit<Setting, 'controller'>;

/** How a part of `linux.resources` becomes the settings of one controller, on one version. */
export interface Mapping {
  readonly controller: string;
  /** Reports what this version has nothing for. Zero means unset where runc takes it so. */
  settings(resources: Resources, report: Report): ControllerSetting[];
}

/** A controller of version 1, and what takes its place on version 2. */
export interface Controller {
  readonly v1?: Mapping;
  readonly v2?: Mapping;
}
