interface Step {
  readonly what: string;
  readonly calls: string[];
}

/**
 * The steps of a printed program, one to a line: what is being done, and the names of the system
 * calls that do it, whether they are always made or not. Control flow and arguments are left out.
 */
export function steps(plan: string): string[] {
  const found: Step[] = [];
  /** The headings that a line is below, outermost first. */
  let above: { readonly indent: number; readonly what: string }[] = [];
  for (const line of plan.split('\n')) {
    const indent = line.search(/\S/);
    if (indent < 0) continue;
    above = above.filter((heading) => heading.indent < indent);
    const what = /^ *# (.*)/.exec(line)?.[1];
    if (what !== undefined) above.push({ indent, what });
    if (indent === 0) found.push({ what: `${line} lane`, calls: [] });
    const call = calledIn(line);
    if (call !== undefined) stepCalled(above.at(-1)?.what ?? '', found).calls.push(call);
  }
  return found.map(({ what, calls }) =>
    [what, folded(calls)].filter((part) => part !== '').join(': '),
  );
}

function stepCalled(what: string, found: Step[]): Step {
  const last = found.at(-1);
  if (last?.what === what) return last;
  const step: Step = { what, calls: [] };
  found.push(step);
  return step;
}

/** `prctl prctl prctl` is `prctl…`: how often may depend on the kernel. */
function folded(calls: readonly string[]): string {
  const names: string[] = [];
  for (const call of calls) {
    const repeats = names.at(-1)?.replace('…', '') === call;
    if (repeats) names[names.length - 1] = `${call}…`;
    else names.push(call);
  }
  return names.join(' ');
}

/** The names of all system calls in a printed program. */
export function calls(plan: string): string[] {
  return plan.split('\n').flatMap((line) => calledIn(line) ?? []);
}

function calledIn(line: string): string | undefined {
  return /^ *(?:[^("]* = )?([a-z]\w*)\(/.exec(line)?.[1];
}

/** What is in the one list and not in the other, counting how often. */
export function without(list: readonly string[], other: readonly string[]): string[] {
  const rest = [...other];
  return list.filter((each) => {
    const index = rest.indexOf(each);
    if (index >= 0) rest.splice(index, 1);
    return index < 0;
  });
}
