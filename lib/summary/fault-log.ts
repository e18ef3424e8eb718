import type { SummaryFault, SummaryRun } from './summary-sink.js';

/**
 * Tells of a sink's failures without flooding: one warning and one fault when writing begins to fail, one line when it
 * works again, and at the close what was dropped.
 */
export class FaultLog {
  readonly #location: string;
  readonly #run: SummaryRun;
  #error: unknown;
  #isFailing = false;
  #dropped = 0;
  #hasFailed = false;

  constructor(location: string, run: SummaryRun) {
    this.#location = location;
    this.#run = run;
  }

  get isFailing(): boolean {
    return this.#isFailing;
  }

  get droppedValues(): number {
    return this.#dropped;
  }

  failed(error: unknown): void {
    this.#error = error;
    if (this.#isFailing) return;
    this.#isFailing = true;
    // A place that fails and works in turns is warned of once.
    if (!this.#hasFailed) {
      this.#run.logger.warn({ err: error }, `summaries cannot be written to ${this.#location}; training goes on`);
    }
    this.#hasFailed = true;
    this.#run.onFault(this.#fault());
  }

  dropped(values: number): void {
    this.#dropped += values;
  }

  worked(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#run.logger.info({ dropped: this.#dropped }, `summaries are written to ${this.#location} again`);
  }

  closed(): void {
    if (this.#dropped === 0) return;
    const { logger } = this.#run;
    logger.warn({ dropped: this.#dropped }, `${this.#dropped} summary values were not written to ${this.#location}`);
    this.#run.onFault(this.#fault());
  }

  #fault(): SummaryFault {
    return { location: this.#location, error: this.#error, droppedValues: this.#dropped };
  }
}
