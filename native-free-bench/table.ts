/** Plain text tables, readable as markdown too. */

/** Rows under a header, columns padded; the first `leftColumns` are aligned left, the others right. */
export function formatTable(rows: readonly (readonly string[])[], leftColumns = 1): string {
  const widths = columnWidths(rows);
  const [header, ...body] = rows.map((row) => formatRow(row, widths, leftColumns));
  const rule = widths.map((width, column) =>
    column < leftColumns ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [header, `| ${rule.join(' | ')} |`, ...body].join('\n');
}

function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, column) =>
    Math.max(3, ...rows.map((row) => (row[column] ?? '').length)),
  );
}

function formatRow(row: readonly string[], widths: readonly number[], leftColumns: number): string {
  const cells = widths.map((width, column) => {
    const cell = row[column] ?? '';
    return column < leftColumns ? cell.padEnd(width) : cell.padStart(width);
  });
  return `| ${cells.join(' | ')} |`;
}
