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

/** What is found at other places than what was found before: one thing at a time is enough to mend. */
export function elsewhere(found: readonly Issue[], more: readonly Issue[]): Issue[] {
  const places = new Set(found.map(({ path }) => path));
  return more.filter(({ path }) => !places.has(path));
}

/** A document that does not follow the specification. The message, one line, tells every finding. */
export class SpecError extends Error {
  override readonly name = 'SpecError';
  readonly issues: readonly Issue[];

  constructor(document: string, issues: readonly Issue[]) {
    super(summary(document, issues));
    this.issues = issues;
  }
}

function summary(document: string, issues: readonly Issue[]): string {
  const findings = issues.map(({ path, message }) =>
    path === '' ? message : `${path}: ${message}`,
  );
  return `${document}: ${findings.join('; ')}`;
}
