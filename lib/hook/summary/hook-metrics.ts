import { MetricsEvent } from '../metrics-event.js';
import { StepRateEvent } from '../watch/step-rate-event.js';
import type { SummarySource } from './summary-source.js';

/** Draws what earlier hooks measure, when they do: metrics as `<source>/<name>`, and the rate of a `stepCounter`. */
export function hookMetrics(): SummarySource {
  return {
    onHookEvent(event) {
      if (event instanceof StepRateEvent) return { [event.tag]: event.stepsPerSecond };
      if (!(event instanceof MetricsEvent)) return undefined;
      return new Map([...event.metrics].map(([name, value]) => [`${event.source}/${name}`, value]));
    },
  };
}
