import { concatMap, defer, from, ignoreElements, type Observable, tap } from 'rxjs';
import { Moment } from '../session/moment.js';
import type { CheckpointEvent, SaveControl } from './checkpoint-event.js';
import type { CheckpointListener } from './checkpoint-listener.js';
import type { Retention } from './retention/retention.js';

export interface SavePhasesOptions {
  readonly listeners: readonly CheckpointListener[];
  /** Adds an event to the stream of the session. */
  readonly emit: (event: CheckpointEvent) => void;
  readonly requestStop: (reason: string) => void;
  readonly retention?: Retention | undefined;
}

/** Tells the phases of one saver's saves: to its listeners in order, then to the stream. */
export class SavePhases implements SaveControl {
  readonly moment = new Moment();
  readonly #options: SavePhasesOptions;
  #veto: string | undefined;

  constructor(options: SavePhasesOptions) {
    this.#options = options;
  }

  get retention(): Retention | undefined {
    return this.#options.retention;
  }

  requestStop(reason: string): void {
    this.#options.requestStop(reason);
  }

  skip(reason: string): void {
    this.#veto ??= reason;
  }

  /** Why the save that is about to begin is vetoed, if it is. */
  get veto(): string | undefined {
    return this.#veto;
  }

  /**
   * Tells a phase to each listener, waiting for what it holds before the next is told, then to the stream, and waits
   * for what is held there. Fails with the error of a listener or of a hold.
   */
  tell(event: CheckpointEvent): Observable<never> {
    return defer(() => {
      if (event.type === 'beforeSave') this.#veto = undefined;
      const audience: ((event: CheckpointEvent) => void)[] = [
        ...this.#options.listeners.map((listener) => (phase: CheckpointEvent) => listener.next?.(phase)),
        this.#options.emit,
      ];
      return from(audience).pipe(
        concatMap((hear) =>
          defer(() => {
            this.moment.begin(event);
            hear(event);
            return this.moment.drain();
          }),
        ),
      );
    }).pipe(
      ignoreElements(),
      tap({ complete: () => this.moment.end(), error: () => this.moment.end(), unsubscribe: () => this.moment.end() }),
    );
  }
}
