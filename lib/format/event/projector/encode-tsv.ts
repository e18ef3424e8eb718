import { checkWellFormed } from '../check-well-formed.js';

/**
 * The vectors of an embedding for TensorBoard's projector: a line a point, numbers with tabs between.
 *
 * @param vectors `[points, dimensions]` row-major
 * @throws RangeError if `dimensions` is no positive whole number, the vectors are no whole rows, or one is not finite
 */
export function encodeVectors(vectors: ArrayLike<number>, dimensions: number): string {
  if (!Number.isSafeInteger(dimensions) || dimensions < 1 || vectors.length % dimensions !== 0) {
    throw new RangeError(`encodeVectors(dimensions): expected a divisor of ${vectors.length}, received ${dimensions}`);
  }
  let file = '';
  for (let i = 0; i < vectors.length; i++) {
    const value = vectors[i] as number;
    if (!Number.isFinite(value))
      throw new RangeError(`encodeVectors(vectors): expected finite numbers, received ${value}`);
    file += `${value}${(i + 1) % dimensions === 0 ? '\n' : '\t'}`;
  }
  return file;
}

/**
 * The labels of an embedding's points: a line a point. With one column there is no line of names, with more there is;
 * so the projector has it.
 *
 * @param columns names, for more than one column
 * @throws TypeError, RangeError for cells with tabs or line breaks, and rows that are not as long as `columns`
 */
export function encodeLabels(rows: readonly (string | readonly string[])[], columns: readonly string[] = []): string {
  const width = Math.max(1, columns.length);
  const lines = rows.map((row) => (typeof row === 'string' ? [row] : row));
  if (!lines.every((line) => line.length === width)) {
    throw new RangeError(`encodeLabels(rows): expected ${width} cells in each row, received others`);
  }
  if (width > 1) lines.unshift(columns);
  return lines.map((line) => `${line.map(checkCell).join('\t')}\n`).join('');
}

function checkCell(cell: string): string {
  checkWellFormed('encodeLabels(rows)', cell);
  if (/[\t\r\n]/.test(cell)) {
    throw new RangeError(
      `encodeLabels(rows): expected text without tabs and line breaks, received ${JSON.stringify(cell)}`,
    );
  }
  return cell;
}
