import { type RunnableConfig, SpecError } from '@oci/spec';

/** Where runc has it. */
const IN_CONTAINER = '/run/notify/notify.sock';

/**
 * Lets a container tell the service manager that it is ready (sd_notify(3)): its config with the
 * socket mounted and named in its environment, in place of what the config has there. Engines that
 * relay the messages themselves, such as Podman, put the same into the config and hide the variable
 * from the runtime; this is for a runtime that is itself the service.
 *
 * The container writes to the manager's own socket, so the unit needs `NotifyAccess=all`. Only the
 * socket is mounted, not its directory: /run/systemd has others.
 *
 * @param path NOTIFY_SOCKET of the runtime's environment, which a launcher that is kept depends on
 * @throws SpecError for a socket without a file, which cannot be mounted
 */
export function withNotifySocket(config: RunnableConfig, path: string): RunnableConfig {
  if (!path.startsWith('/')) {
    const message = `${path} is not an absolute path, and other sockets cannot be passed on`;
    throw new SpecError('the environment', [{ path: 'NOTIFY_SOCKET', message }]);
  }
  const { mounts = [], process } = config;
  const options = ['bind', 'nosuid', 'noexec', 'nodev', 'ro'];
  const mount = { destination: IN_CONTAINER, type: 'bind', source: path, options };
  const env = [...(process.env ?? []), `NOTIFY_SOCKET=${IN_CONTAINER}`];
  return { ...config, mounts: [...mounts, mount], process: { ...process, env } };
}
