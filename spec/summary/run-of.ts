import { VirtualTimeScheduler } from 'rxjs';
import type { SummaryFault, SummaryRun } from '../../lib/summary/summary-sink.js';
import { logged } from '../hook/logged.js';

export interface ToldRun extends SummaryRun {
  readonly scheduler: VirtualTimeScheduler;
  readonly logger: ReturnType<typeof logged>;
  readonly faults: SummaryFault[];
}

/** A run for a sink that is driven by hand. */
export function runOf(): ToldRun {
  const faults: SummaryFault[] = [];
  return {
    identity: {},
    logger: logged(),
    scheduler: new VirtualTimeScheduler(),
    faults,
    onFault: (fault) => faults.push(fault),
  };
}
