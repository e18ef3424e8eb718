import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import { FaultLog } from './fault-log.js';
import { sharedSink } from './shared-sink.js';
import type { SummarySink } from './summary-sink.js';
import { plainSummary } from './text/plain-summary.js';

type Attributes = Record<string, string | number | boolean>;

/** The part of OpenTelemetry's `Meter` that is used here; see `@opentelemetry/api`, 1.9 or later. */
export interface GaugeMeter {
  createGauge(name: string, options?: { description?: string }): GaugeInstrument;
}

export interface GaugeInstrument {
  record(value: number, attributes?: Attributes): void;
}

export interface OtelMetricsOptions {
  /** What the names of the gauges begin with. @default 'tidemark.' */
  readonly prefix?: string | undefined;
  /** Said with each number: which run it is, for one. Never the step: each would be a series of its own. */
  readonly attributes?: Readonly<Attributes> | undefined;
}

const OPTIONS: OptionNames<OtelMetricsOptions> = { prefix: true, attributes: true };

const STEP = 'global_step';
// Of an instrument's name: a letter first, then at most 254 of these.
const OTHER_CHARACTERS = /[^A-Za-z0-9_.\-/]/g;
const LONGEST_NAME = 255;

/**
 * Hands scalars to OpenTelemetry, each tag a gauge, and the step as another one. Other values are left out, and so are
 * NaN and infinities, which a meter may refuse. What no instrument's name may hold becomes an underscore.
 *
 * @param meter e.g. `metrics.getMeter('training')` of `@opentelemetry/api`
 * @throws TypeError if it makes no gauges
 */
export function otelMetrics(meter: GaugeMeter, options: OtelMetricsOptions = {}): SummarySink {
  checkOptions('otelMetrics(options)', options, OPTIONS);
  if (typeof meter?.createGauge !== 'function') {
    throw new TypeError(`otelMetrics(meter): expected a meter with createGauge(), received ${describeReceived(meter)}`);
  }
  const { prefix = 'tidemark.', attributes = {} } = options;
  const gauges = new Map<string, GaugeInstrument>();
  const record = (tag: string, value: number): void => {
    let gauge = gauges.get(tag);
    if (gauge === undefined) {
      const name = `${prefix}${tag}`.replace(OTHER_CHARACTERS, '_').slice(0, LONGEST_NAME);
      gauges.set(tag, (gauge = meter.createGauge(name, { description: tag })));
    }
    if (Number.isFinite(value)) gauge.record(value, { ...attributes });
  };
  return sharedSink('OpenTelemetry', (run) => {
    const faults = new FaultLog('OpenTelemetry', run);
    let isClosed = false;
    return {
      start() {},
      write(globalStep, { scalars, values }) {
        try {
          record(STEP, globalStep);
          for (const [tag, value] of scalars) record(tag, value);
          for (const value of values) {
            const plain = plainSummary(value);
            if (plain.kind === 'scalar') record(value.tag, plain.value);
          }
          faults.worked();
        } catch (error) {
          faults.dropped(scalars.size + values.length);
          faults.failed(error);
        }
      },
      graph() {},
      flush: () => undefined,
      close() {
        if (!isClosed) faults.closed();
        isClosed = true;
      },
      get droppedValues() {
        return faults.droppedValues;
      },
    };
  });
}
