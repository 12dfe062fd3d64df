import type { Config, Issue } from '@oci/spec';

/**
 * What no package does yet. A config that asks for it is refused rather than run without it; each
 * line goes when its package lands.
 */
export function checkSupported(config: Config): Issue[] {
  const { hooks } = config;
  const asked: readonly (readonly [path: string, value: unknown])[] = [
    ...Object.entries(hooks ?? {}).map(([name, list]) => [`hooks.${name}`, list] as const),
  ];
  return asked
    .filter(([, value]) => asks(value))
    .map(([path]) => ({ path, message: 'is not supported yet' }));
}

/** Empty objects and lists, false and empty strings ask for nothing. */
function asks(value: unknown): boolean {
  return typeof value === 'object' && value !== null
    ? Object.keys(value).length > 0
    : Boolean(value);
}
