/** Light modules around a QR code, without which it is not found. */
export const QUIET = 4

/** The dark modules of a code as one path, a unit a module; `1` is dark. */
export function modules(rows: string[]): string {
  return rows
    .flatMap((row, y) => [...row.matchAll(/1+/g)].map(({ index, 0: run }) => `M${index} ${y}h${run.length}v1h-${run.length}z`))
    .join('')
}

/** What is drawn of a code with so many rows: the modules and the light ones around them. */
export function field(rows: string[]): string {
  const side = rows.length + 2 * QUIET
  return `${-QUIET} ${-QUIET} ${side} ${side}`
}
