import type { HookEvent } from '../../session/hook-event.js';
import { MetricsEvent } from '../metrics-event.js';

/** The name of something that a hook measures: `<source>/<name>`, e.g. `validation/accuracy`. */
export type MeasuredMetric = `${string}/${string}`;

/** What steps must return so that a metric of this name can be read: nothing, if a hook measures it. */
export type OutputsWith<K extends string> = K extends MeasuredMetric ? unknown : { readonly [P in K]: number };

/** Reads one metric, by its name, from what steps return or from what earlier hooks measure. */
export class MetricReader {
  readonly #owner: string;
  readonly metric: string;
  readonly #source: string | undefined;
  readonly #name: string;

  /**
   * @param owner who reads, for messages, e.g. `earlyStopping`
   * @throws TypeError if the metric is no name
   */
  constructor(owner: string, metric: string) {
    if (typeof metric !== 'string' || metric === '') {
      throw new TypeError(
        `${owner}(metric): expected a name, received ${metric === '' ? 'an empty one' : typeof metric}`,
      );
    }
    this.#owner = owner;
    this.metric = metric;
    const slash = metric.indexOf('/');
    this.#source = slash < 0 ? undefined : metric.slice(0, slash);
    this.#name = metric.slice(slash + 1);
  }

  /** Whether an earlier hook measures it, and steps do not return it. */
  get isMeasured(): boolean {
    return this.#source !== undefined;
  }

  /**
   * The metric among what a step returned.
   *
   * @throws TypeError if it is not there
   */
  ofOutputs(outputs: unknown): number {
    const record = typeof outputs === 'object' && outputs !== null ? outputs : {};
    const value: unknown = new Map(Object.entries(record)).get(this.#name);
    if (typeof value === 'number') return value;
    throw this.#missing('the step to return', typeof value, Object.keys(record));
  }

  /**
   * The metric in an event of its source; `undefined` in any other event.
   *
   * @throws TypeError if its source measures other things only
   */
  ofEvent(event: HookEvent): number | undefined {
    if (!(event instanceof MetricsEvent) || event.source !== this.#source) return undefined;
    const value = event.metrics.get(this.#name);
    if (value !== undefined) return value;
    throw this.#missing(`${event.source} to measure`, 'nothing', [...event.metrics.keys()]);
  }

  #missing(who: string, received: string, names: readonly string[]): TypeError {
    const known = names.length === 0 ? '' : `; there are: ${names.join(', ')}`;
    return new TypeError(
      `${this.#owner}(metric): expected ${who} a number "${this.#name}", received ${received}${known}`,
    );
  }
}
