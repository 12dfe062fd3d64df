import type { Report } from '../errors.ts';

/** The numbers of semver.org's grammar for version 2.0.0, with its pre-release and build parts. */
const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*))?(?:\+[\da-zA-Z-]+(?:\.[\da-zA-Z-]+)*)?$/;

/** The major version of the specification that this package implements. */
export const supportedMajor = 1;

export function checkVersion(version: string, at: string, report: Report): void {
  if (!semver.test(version))
    report(at, `must be a SemVer 2.0.0 version, not ${JSON.stringify(version)}`);
}

/** Major, minor and patch; undefined where the version is malformed. */
export function releaseOf(version: string): readonly [number, number, number] | undefined {
  const match = semver.exec(version);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}
