import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scalarValue } from '../../lib/format/event/value/scalar-value.js';
import { otelMetrics } from '../../lib/summary/otel-metrics.js';
import { summarySinkLaws } from '../../lib/testing/summary-sink-laws.js';
import { runOf } from './run-of.js';

const test = suite('otelMetrics');

/** What `@opentelemetry/api` calls a meter, as far as it is used. */
function fakeMeter() {
  const records: [name: string, value: number, attributes: unknown][] = [];
  const made: string[] = [];
  return {
    records,
    made,
    isFailing: false,
    createGauge(name: string) {
      made.push(name);
      return {
        record: (value: number, attributes?: unknown): void => {
          if (this.isFailing) throw new Error('no exporter');
          records.push([name, value, attributes]);
        },
      };
    },
  };
}

summarySinkLaws({
  test,
  factory() {
    const meter = fakeMeter();
    return {
      sink: otelMetrics(meter),
      setFailing: (isFailing) => {
        meter.isFailing = isFailing;
      },
    };
  },
});

test('records each scalar with a gauge of its own, made once, and the step as another', () => {
  const meter = fakeMeter();
  const open = otelMetrics(meter, { prefix: 'train.', attributes: { run: 'a' } }).open(runOf());
  open.start(0, 1);
  open.write(1, {
    scalars: new Map([
      ['loss', 0.5],
      ['nan', Number.NaN],
    ]),
    values: [],
  });
  open.write(2, { scalars: new Map([['loss', 0.25]]), values: [scalarValue('a b', 1)] });
  assert.equal(meter.records, [
    ['train.global_step', 1, { run: 'a' }],
    ['train.loss', 0.5, { run: 'a' }],
    ['train.global_step', 2, { run: 'a' }],
    ['train.loss', 0.25, { run: 'a' }],
    ['train.a_b', 1, { run: 'a' }],
  ]);
  assert.equal(meter.made, ['train.global_step', 'train.loss', 'train.nan', 'train.a_b']);
});

test('refuses what makes no gauges', () => {
  assert.throws(() => otelMetrics({} as never), /^otelMetrics\(meter\): expected a meter with createGauge\(\)/);
});

test.run();
