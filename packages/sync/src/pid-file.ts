import {
  compare,
  O_CLOEXEC,
  O_CREAT,
  O_TRUNC,
  O_WRONLY,
  type Parameter,
  type Pid,
  type Provision,
  type Stage,
  text,
} from '@oci/kernel';

/** Writes the container's process id, in decimal, to the file that `--pid-file` names. */
export function pidFileStage(
  file: Parameter,
  container: Provision<Pid>,
  written: Provision,
): Stage {
  return {
    name: 'pid file',
    lane: 'host',
    category: 'Sync',
    needs: [container],
    provides: [written],
    run: (k) => {
      k.when(compare(k.given(file), '!=', 0), () => {
        k.doing('write the pid file', () => {
          const fd = k.openat(k.cwd, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644);
          k.undo(() => k.unlinkat(k.cwd, file));
          k.writeText(fd, text`${container.value}`);
          k.close(fd);
        });
      });
      written.provide();
    },
  };
}
