import { type Fd, type Provision, type Stage, type Text, text } from '@oci/kernel';
import type { RunnableConfig } from '@oci/spec';
import { environment } from './environment.ts';
import { inRoot } from './in-root.ts';
import { recordHome } from './passwd.ts';

/**
 * Finds HOME where the config has none: in the container's /etc/passwd, by the user's id, or `/`.
 * Runs before the process becomes that user, who may not be able to read it.
 */
export function homeStages(
  config: RunnableConfig,
  home: Provision<Text>,
  root?: Provision<Fd>,
): Stage[] {
  if (!environment(config).needsHome) return [];
  return [
    {
      name: 'process.env.HOME',
      lane: 'container',
      category: 'Configuration',
      needs: root ? [root] : [],
      provides: [home],
      run(k) {
        const memory = k.doing('process.env: find HOME', () =>
          recordHome(k, config.process.user?.uid ?? 0, inRoot(root)),
        );
        home.provide(text`${memory}`);
      },
    },
  ];
}
