import { checkOptions, type OptionNames } from '../../../error/check-options.js';
import { makeStringTensor } from '../../../tensor/make-tensor.js';
import { checkWellFormed } from '../check-well-formed.js';
import type { SummaryValue } from '../summary-value.js';
import { checkTag, pluginMetadata, type ValueOptions } from './value-options.js';

/** One text, a column of texts, or the rows of a table. */
export type Text = string | readonly string[] | readonly (readonly string[])[];

const OPTIONS: OptionNames<ValueOptions> = { displayName: true, description: true };

/**
 * Markdown: one text, a column, or a table.
 *
 * @throws TypeError, RangeError for an empty tag, anything but well-formed strings, or rows of unequal length
 */
export function textValue(tag: string, text: Text, options: ValueOptions = {}): SummaryValue {
  checkOptions('textValue(options)', options, OPTIONS);
  checkTag('textValue', tag);
  const { shape, cells } = layOut(text);
  for (const cell of cells) checkWellFormed('textValue(text)', cell);
  const data = { type: 'tensor', tensor: makeStringTensor(shape, cells) } as const;
  return { tag, metadata: pluginMetadata('text', options), data };
}

function layOut(text: Text): { shape: number[]; cells: readonly string[] } {
  if (!Array.isArray(text)) return { shape: [], cells: [text as string] };
  const [first] = text as readonly (string | readonly string[])[];
  if (!Array.isArray(first)) return { shape: [text.length], cells: text as readonly string[] };
  const rows = text as readonly (readonly string[])[];
  const columns = first.length;
  if (!rows.every((row) => Array.isArray(row) && row.length === columns)) {
    throw new RangeError(`textValue(text): expected rows of ${columns} cells, received rows of other lengths`);
  }
  return { shape: [rows.length, columns], cells: rows.flat() };
}
