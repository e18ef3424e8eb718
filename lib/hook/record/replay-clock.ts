import { VirtualTimeScheduler } from 'rxjs';

/** The clock of a replay: it stands at the recorded time of the event that is replayed. */
export class ReplayClock extends VirtualTimeScheduler {
  /** Runs what is due until `at`, and stands there then. It never goes back. */
  advanceTo(at: number): void {
    if (at < this.frame) return;
    this.maxFrames = at;
    this.flush();
    this.frame = at;
  }

  /** Goes on to the next thing that is due; `false` if there is none. */
  advanceToNext(): boolean {
    const [next] = this.actions;
    if (next === undefined) return false;
    this.advanceTo(Math.max(this.frame, (next as { readonly delay?: number }).delay ?? this.frame));
    return true;
  }
}
