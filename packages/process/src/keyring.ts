import { compare, type Stage, type Text, text } from '@oci/kernel';
import type { RunnableConfig } from '@oci/spec';
import { withKeyLabel } from './labels.ts';
import { hasUserNamespace } from './user-namespace.ts';

/** What the kernel gives a new session keyring (security/keys/process_keys.c). */
const initial = 0x3f130000;
/** Lets processes that join the container find it: as the same user, or as any where ids differ. */
const KEY_USR_SEARCH = 0x00080000;
const KEY_OTH_SEARCH = 0x00000008;

/**
 * Leaves the caller's session keyring for a new one (session-keyring(7)), named as runc does, so
 * that `exec` can join it.
 */
export function keyringStages(
  config: RunnableConfig,
  { newKeyring, containerId }: { readonly newKeyring: boolean; readonly containerId: Text },
): Stage[] {
  if (!newKeyring) return [];
  const search = hasUserNamespace(config) ? KEY_OTH_SEARCH : KEY_USR_SEARCH;
  return [
    {
      name: 'process.keyring',
      lane: 'container',
      category: 'Security',
      run(k) {
        k.doing('join a new session keyring', () => {
          // Kernels without keyrings, seccomp filters of an outer container, and users with too
          // many keys: this is one protection among several, so the start goes on.
          const allow = ['ENOSYS', 'EPERM', 'EDQUOT'] as const;
          withKeyLabel(k, config.process.selinuxLabel, () => {
            const keyring = k.joinSessionKeyring(text`_ses.${containerId}`, { allow });
            k.when(compare(keyring, '>=', 0), () => k.setKeyPermissions(keyring, initial | search));
          });
        });
      },
    },
  ];
}
