import { makeStringTensor } from '../../../tensor/make-tensor.js';
import type { SummaryValue } from '../summary-value.js';
import { pluginMetadata } from '../value/value-options.js';
import { encodeLayout, type Layout } from './layout.js';

/** Where the `custom_scalars` plugin looks for a layout. */
const LAYOUT_TAG = 'custom_scalars__config__';

/**
 * The layout of the custom scalars dashboard.
 *
 * @throws TypeError for text that UTF-8 cannot hold
 * @throws RangeError for a category without charts or a chart without lines
 */
export function layoutValue(layout: Layout): SummaryValue {
  for (const { title, charts } of layout.categories) {
    if (charts.length === 0)
      throw new RangeError(`layoutValue(layout): expected charts in category ${title}, received none`);
    for (const chart of charts) {
      const lines = chart.type === 'multiline' ? chart.tags : chart.series;
      if (lines.length === 0)
        throw new RangeError(`layoutValue(layout): expected lines in chart ${chart.title}, received none`);
    }
  }
  const tensor = makeStringTensor([], [encodeLayout(layout)]);
  return {
    tag: LAYOUT_TAG,
    metadata: { ...pluginMetadata('custom_scalars'), dataClass: 'tensor' },
    data: { type: 'tensor', tensor },
  };
}
