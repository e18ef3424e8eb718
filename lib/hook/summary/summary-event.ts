import { HookEvent } from '../../session/hook-event.js';
import type { SummaryBatch, SummaryFault } from '../../summary/summary-sink.js';

/** What a summary saver drew at a step, so that later hooks can react to it. */
export class SummaryEvent extends HookEvent {
  readonly type = 'summary';

  constructor(
    readonly globalStep: number,
    readonly batch: SummaryBatch,
  ) {
    super();
  }
}

/**
 * When summaries begin to get stuck on their way, and at the end if some were lost. They are tried again; training goes
 * on unless the saver was told otherwise.
 */
export class SummaryFailedEvent extends HookEvent {
  readonly type = 'summaryFailed';

  constructor(readonly fault: SummaryFault) {
    super();
  }
}
