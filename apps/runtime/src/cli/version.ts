import manifest from '../../package.json' with { type: 'json' };
import { ociVersion } from '../store/oci-version.ts';

/** What --version prints: engines show it, and read the first line's last word. */
export function versionText(): string {
  return `ocirun version ${manifest.version}\nspec: ${ociVersion}`;
}
