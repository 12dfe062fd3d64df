/** One thing that is wrong, and where: a path such as `linux.namespaces[1].type`. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** Takes one finding. Checks call it; what becomes of the findings is the caller's business. */
export type Report = (path: string, message: string) => void;

export function collect(check: (report: Report) => void): Issue[] {
  const issues: Issue[] = [];
  check((path, message) => issues.push({ path, message }));
  return issues;
}

/** How many issues the one-line message spells out. */
const shown = 5;

/** A document that does not follow the specification. `issues` holds every finding. */
export class SpecError extends Error {
  override readonly name = 'SpecError';
  readonly issues: readonly Issue[];

  constructor(document: string, issues: readonly Issue[]) {
    super(summary(document, issues));
    this.issues = issues;
  }
}

function summary(document: string, issues: readonly Issue[]): string {
  const lines = issues
    .slice(0, shown)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  const rest = issues.length - lines.length;
  if (rest > 0) lines.push(`and ${rest} more`);
  return `${document}: ${lines.join('; ')}`;
}
