/** Rows as Go's tabwriter lays them out for runc: columns at least 12 wide, 3 spaces apart. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(12, ...rows.map((row) => width(row[column] ?? '') + 3)),
  );
  return rows.map((row) => `${formatRow(row, widths)}\n`).join('');
}

function formatRow(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, column) => {
    const isLast = column === row.length - 1;
    return isLast ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell));
  });
  return cells.join('');
}

/** In code points, as Go counts. */
function width(text: string): number {
  return [...text].length;
}
