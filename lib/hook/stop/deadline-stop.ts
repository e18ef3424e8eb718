import { type Subscription, timer } from 'rxjs';
import {
  AfterSaveEvent,
  BeforeSaveEvent,
  SaveFailedEvent,
  SaveSkippedEvent,
  SnapshotTakenEvent,
} from '../../checkpoint/checkpoint-event.js';
import type { BeginEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import { decideLastSave, type LastSaveDecision } from './decide-last-save.js';
import { SaveEstimate } from './save-estimate.js';
import { StopDecisionEvent } from './stop-decision-event.js';

const TEXTS: Readonly<Record<LastSaveDecision, string>> = {
  save: 'the last step will be saved',
  finishRunning: 'the save that goes on will be finished, and no other begun',
  keepLast: 'there is no time for a save',
};

export interface DeadlineStopOptions {
  readonly graceSeconds: number;
  readonly emit: (event: StopDecisionEvent) => void;
  /** Ends the process when the grace is over. */
  readonly exit: () => void;
}

/**
 * Watches the saves of one run, and from a signal on sees to it that what is begun can be finished before the grace is
 * over: a save that would take too long is vetoed, by how long the last ones took.
 */
export class DeadlineStop {
  readonly #options: DeadlineStopOptions;
  readonly #estimate = new SaveEstimate();
  /** When the background saves began that are not done yet, by step; in order. */
  readonly #running = new Map<number, number>();
  #run: BeginEvent | undefined;
  #signal: string | undefined;
  #deadline = Number.POSITIVE_INFINITY;
  #timer: Subscription | undefined;
  #decision: LastSaveDecision | undefined;
  #lastSaved: string | undefined;

  constructor(options: DeadlineStopOptions) {
    this.#options = options;
  }

  begin(run: BeginEvent): void {
    this.#run = run;
  }

  /** What the run was restored from is a good checkpoint, too; saves of an attempt that is over go on no more. */
  sessionCreated(restored: string | undefined): void {
    this.#lastSaved = restored ?? this.#lastSaved;
    this.#running.clear();
  }

  /** The process was told to end. */
  start(signal: string): void {
    const { graceSeconds } = this.#options;
    this.#signal = signal;
    this.#deadline = this.#now + graceSeconds;
    this.#timer = timer(graceSeconds * 1000, this.#run?.scheduler).subscribe(() => this.#end());
    this.#decide();
  }

  hear(event: HookEvent): void {
    if (event instanceof SnapshotTakenEvent) this.#running.set(event.globalStep, this.#now);
    if (event instanceof SaveFailedEvent || event instanceof SaveSkippedEvent) this.#running.delete(event.globalStep);
    if (event instanceof AfterSaveEvent) {
      this.#running.delete(event.globalStep);
      this.#estimate.add(event.checkpoint.sizeBytes, event.seconds);
      this.#lastSaved = event.checkpoint.prefix;
    }
    if (event instanceof BeforeSaveEvent && this.#signal !== undefined && this.#decide() !== 'save') {
      event.skip(`no time for a save: it may take ${inSeconds(this.#estimate.secondsFor())}, ${this.#left} left`);
    }
  }

  stop(): void {
    this.#timer?.unsubscribe();
  }

  #decide(): LastSaveDecision {
    const saveSeconds = this.#estimate.secondsFor();
    const decision = decideLastSave({
      remainingSeconds: this.#remainingSeconds,
      saveSeconds,
      runningSeconds: this.#runningSeconds(saveSeconds ?? 0),
    });
    if (decision !== this.#decision) {
      this.#decision = decision;
      this.#tell(decision);
      this.#run?.logger.info(
        { lastSaved: this.#lastSaved, saveSeconds },
        `${this.#signal}: ${this.#left} left, a save may take ${inSeconds(saveSeconds)}: ${TEXTS[decision]}`,
      );
    }
    return decision;
  }

  /** One is written while others wait. */
  #runningSeconds(saveSeconds: number): number | undefined {
    const [first] = this.#running.values();
    if (first === undefined) return undefined;
    return Math.max(0, saveSeconds - (this.#now - first)) + (this.#running.size - 1) * saveSeconds;
  }

  #end(): void {
    const { graceSeconds, exit } = this.#options;
    this.#tell('exit');
    this.#run?.logger.warn(
      { lastSaved: this.#lastSaved },
      `${this.#signal}: the grace of ${graceSeconds} s is over, the process ends; the last good checkpoint is ` +
        `${this.#lastSaved ?? 'what was there before'}`,
    );
    exit();
  }

  #tell(decision: StopDecisionEvent['decision']): void {
    this.#options.emit(
      new StopDecisionEvent(
        this.#signal ?? '',
        decision,
        this.#remainingSeconds,
        this.#estimate.secondsFor(),
        this.#lastSaved,
      ),
    );
  }

  get #remainingSeconds(): number {
    return Math.max(0, this.#deadline - this.#now);
  }

  get #left(): string {
    return `${this.#remainingSeconds.toFixed(1)} s`;
  }

  get #now(): number {
    return (this.#run?.scheduler.now() ?? 0) / 1000;
  }
}

function inSeconds(seconds: number | undefined): string {
  return seconds === undefined ? 'an unknown time' : `${seconds.toFixed(1)} s`;
}
