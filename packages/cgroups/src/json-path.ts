const identifier = /^[A-Za-z_$][\w$]*$/;

/** The JSON path of a member whose name the config chooses: `a.b`, or `a["b.c"]`. */
export function member(parent: string, name: string): string {
  return identifier.test(name) ? `${parent}.${name}` : `${parent}[${JSON.stringify(name)}]`;
}
