/** So many of the last saves count: what was slow long ago may be no more. */
const REMEMBERED = 5;
/** A save may take somewhat longer than the slowest of them. */
const MARGIN = 1.25;

interface MeasuredSave {
  readonly sizeBytes: number;
  readonly seconds: number;
}

/** Says how long the next save may take, by the slowest bytes per second of the last five. */
export class SaveEstimate {
  #measured: readonly MeasuredSave[] = [];

  /** Takes note of a save that was done. */
  add(sizeBytes: number, seconds: number): void {
    this.#measured = [...this.#measured, { sizeBytes, seconds }].slice(-REMEMBERED);
  }

  /**
   * How long a save of `sizeBytes` may take; `undefined` if none was measured.
   *
   * @param sizeBytes default: as many as the last one had
   */
  secondsFor(sizeBytes = this.#measured.at(-1)?.sizeBytes ?? 0): number | undefined {
    if (this.#measured.length === 0) return undefined;
    // A tiny state takes a moment all the same, so less is not expected of fewer bytes.
    const seconds = this.#measured.map((save) => save.seconds * Math.max(1, ratio(sizeBytes, save.sizeBytes)));
    return Math.max(...seconds) * MARGIN;
  }
}

function ratio(sizeBytes: number, measuredBytes: number): number {
  return measuredBytes > 0 ? sizeBytes / measuredBytes : 1;
}
