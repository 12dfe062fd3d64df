import type { Kernel, Stage } from '@oci/kernel';
import type { RunnableConfig } from '@oci/spec';
import { writeProcfs } from './procfs.ts';

/** What clears an attribute of SELinux (selinux_setprocattr in security/selinux/hooks.c). */
const NO_LABEL = '\n';

/**
 * config.md, "Linux Process", apparmorProfile and selinuxLabel: the labels that the next execve
 * gives the process. Linux takes them from the thread that they are for and no other, so they are
 * written in the container lane, once its /proc is there.
 */
export function labelStages({ process }: RunnableConfig): Stage[] {
  const { apparmorProfile, selinuxLabel } = process;
  const stage = (name: string, run: Stage['run']): Stage => ({
    name,
    lane: 'container',
    category: 'Security',
    run,
  });
  return [
    ...(apparmorProfile
      ? [
          stage('process.apparmorProfile', (k) =>
            k.doing(`process.apparmorProfile: change to ${apparmorProfile} on exec`, () =>
              // AppArmor's own file since Linux 5.8: `attr/exec` is that of the first module.
              writeAttribute(k, 'apparmor/exec', `exec ${apparmorProfile}`),
            ),
          ),
        ]
      : []),
    ...(selinuxLabel
      ? [
          stage('process.selinuxLabel', (k) =>
            k.doing(`process.selinuxLabel: change to ${selinuxLabel} on exec`, () =>
              writeAttribute(k, 'exec', selinuxLabel),
            ),
          ),
        ]
      : []),
  ];
}

/** Makes keys in `body` with an SELinux label (setkeycreatecon(3)): that of the process, as runc. */
export function withKeyLabel(k: Kernel, label: string | undefined, body: () => void): void {
  if (!label) {
    body();
    return;
  }
  const set = (value: string) =>
    k.doing('process.selinuxLabel: label new keys', () => writeAttribute(k, 'keycreate', value));
  set(label);
  body();
  set(NO_LABEL);
}

/** proc_pid_attr(5): a file takes one write. */
function writeAttribute(k: Kernel, name: string, value: string): void {
  writeProcfs(k, '/proc', `thread-self/attr/${name}`, value);
}
