/** A table in Markdown. Numbers stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rules = head.map((_, column) => (rows.every((row) => isNumber(row[column])) ? '--:' : '---'));
  return [head, rules, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function isNumber(cell = ''): boolean {
  return cell === '–' || /^[\d\s.,×%]+$/.test(cell);
}

/** A number with so many digits after the point; a dash where nothing was measured. */
export function fixed(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}
