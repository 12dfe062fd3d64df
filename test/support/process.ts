import type { LooseConfig } from './bundle.ts';
import type { ContainerUnderTest } from './container.ts';

/** Changes `process` of a container's config. */
export function withProcess(container: ContainerUnderTest, changes: LooseConfig): void {
  container.bundle.with(({ process }) => Object.assign(process, changes));
}

/** The named lines of /proc/self/status inside. */
export async function statusOf(container: ContainerUnderTest): Promise<Record<string, string>> {
  const lines = (await container.prints('cat /proc/self/status')).split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [key = '', value = ''] = line.split(':');
      return [key, value.trim().replace(/\s+/g, ' ')];
    }),
  );
}
