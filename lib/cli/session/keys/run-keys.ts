import { BehaviorSubject, Observable, Subject } from 'rxjs';

export interface RunKeysOptions {
  /** Writes a line where the progress line is not garbled. */
  readonly say: (line: string) => void;
  /** Stops the run as a first Ctrl-C does. */
  readonly stop: () => void;
  readonly openDashboard: () => void;
  /** Told when a save is asked for. */
  readonly onSave: () => void;
}

export const KEYS_IN_SHORT = 's save · p pause · d dashboard · q stop · h help';

const HELP = `  s  save after this step
  p  pause after this step, and go on
  d  open the dashboard
  q  stop after this step, save and end; Ctrl-C does the same, and a second one ends at once
  h  this help`;

/** What the keys do while a session runs. */
export class RunKeys {
  readonly #options: RunKeysOptions;
  readonly #saves = new Subject<'s'>();
  readonly #pause = new BehaviorSubject(false);
  #takers = 0;
  #isStopping = false;

  /** Emits when a save is asked for: a trigger of a saver, `() => saveRequests`. */
  readonly saveRequests: Observable<unknown> = new Observable((taker) => {
    this.#takers++;
    const subscription = this.#saves.subscribe(taker);
    return () => {
      this.#takers--;
      subscription.unsubscribe();
    };
  });
  /** The same for who only writes down that it was asked. */
  readonly presses: Observable<unknown> = this.#saves.asObservable();
  /** Whether the run is to wait. */
  readonly isPaused: Observable<boolean> = this.#pause.asObservable();

  constructor(options: RunKeysOptions) {
    this.#options = options;
  }

  press(key: string): void {
    const { say, stop, openDashboard } = this.#options;
    if (key === 'h' || key === '?') say(HELP);
    else if (key === 'd') openDashboard();
    else if (this.#isStopping && 'spq'.includes(key)) say('  the run is about to end; Ctrl-C ends it at once');
    else if (key === 's') this.#askForSave();
    else if (key === 'p') this.#togglePause();
    else if (key === 'q') stop();
  }

  /** The run is told to stop: it waits no longer. */
  stopping(): void {
    this.#isStopping = true;
    this.#pause.next(false);
  }

  #askForSave(): void {
    const { say, onSave } = this.#options;
    if (this.#takers === 0) {
      say(
        '  warning    no saver of this session is told of it: add  () => saveRequests  of the context to its trigger',
      );
      return;
    }
    say(`  save       ${this.#pause.value ? 'with the next step: p goes on' : 'after this step'}`);
    onSave();
    this.#saves.next('s');
  }

  #togglePause(): void {
    if (!this.#pause.value) this.#options.say('  pause      after this step');
    this.#pause.next(!this.#pause.value);
  }
}
