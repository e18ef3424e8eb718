import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CorruptDataError } from '../../../../lib/error/corrupt-data-error.js';
import { UnsupportedDataError } from '../../../../lib/error/unsupported-data-error.js';
import { decodeLayout, encodeLayout, type Layout } from '../../../../lib/format/event/custom-scalars/layout.js';
import { layoutValue } from '../../../../lib/format/event/custom-scalars/layout-value.js';
import { decodeWith } from '../event-messages.js';
import { isError } from '../is-error.js';

const test = suite('encodeLayout');

const layout: Layout = {
  categories: [
    { title: 'Losses', isClosed: true, charts: [{ type: 'multiline', title: 'all', tags: ['loss.*', 'val/loss'] }] },
    {
      title: '',
      isClosed: false,
      charts: [{ type: 'margin', title: 'band', series: [{ value: 'm', lower: 'l', upper: 'u' }] }],
    },
  ],
};

test('writes what another decoder reads', () => {
  assert.equal(decodeWith('Layout', encodeLayout(layout)), {
    category: [
      { title: 'Losses', closed: true, chart: [{ title: 'all', multiline: { tag: ['loss.*', 'val/loss'] } }] },
      { chart: [{ title: 'band', margin: { series: [{ value: 'm', lower: 'l', upper: 'u' }] } }] },
    ],
  });
});

test('is undone by decodeLayout', () => {
  const bytes = encodeLayout(layout);
  assert.equal(decodeLayout(bytes), layout);
  assert.throws(() => decodeLayout(bytes.subarray(0, -1)), isError(CorruptDataError));
  assert.throws(() => decodeLayout(Uint8Array.of(0x08, 0x02)), isError(UnsupportedDataError));
});

test('layoutValue goes where the plugin looks', () => {
  const { tag, metadata, data } = layoutValue(layout);
  assert.equal(
    [tag, metadata?.pluginName, metadata?.dataClass],
    ['custom_scalars__config__', 'custom_scalars', 'tensor'],
  );
  if (data?.type !== 'tensor' || data.tensor.dtype !== 'string') throw new Error('no string');
  assert.equal(decodeLayout(data.tensor.values[0] as Uint8Array), layout);
  assert.throws(() => layoutValue({ categories: [{ title: 'a', charts: [] }] }), /charts in category a/);
  assert.throws(
    () => layoutValue({ categories: [{ title: 'a', charts: [{ type: 'multiline', title: 'c', tags: [] }] }] }),
    isError(RangeError),
  );
});

test.run();
