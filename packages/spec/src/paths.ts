const identifier = /^[A-Za-z_$][\w$]*$/;

/** The path of a member: `a.b`, `a[0]`, or `a["net.core.somaxconn"]` where the key is not a name. */
export function member(parent: string, key: PropertyKey): string {
  if (typeof key === 'number') return `${parent}[${key}]`;
  const name = String(key);
  if (!identifier.test(name)) return `${parent}[${JSON.stringify(name)}]`;
  return parent === '' ? name : `${parent}.${name}`;
}

export function formatPath(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>(member, '');
}

/** Whether `path` is `section` itself or lies within it. */
export function within(path: string, section: string): boolean {
  if (!path.startsWith(section)) return false;
  const next = path[section.length];
  return section === '' || next === undefined || next === '.' || next === '[';
}
