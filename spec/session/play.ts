import type { Observable, Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { type Logger, silentLogger } from '../../lib/log/logger.js';
import type { AnyEvent } from '../../lib/session/event.js';
import type { SessionState } from '../../lib/session/scaffold.js';
import { type TrainingSessionOptions, trainingSession } from '../../lib/session/training-session.js';

/** What a subscriber of a session saw, in virtual time. */
export interface Played {
  /** One word each: `begin`, `created#1@0` (attempt and step), `before@0`, `step@1`, `end`, `|`, `!message`. */
  readonly log: string[];
  readonly events: AnyEvent[];
  /** When each word came, in virtual milliseconds. */
  readonly times: number[];
  error: unknown;
}

/** Runs `body` in virtual time, to the end of everything that it starts. */
export function virtually(body: (scheduler: TestScheduler) => void): void {
  const scheduler = new TestScheduler(() => {});
  scheduler.run(() => body(scheduler));
}

/** Subscribes, and writes down what comes. */
export function record(
  events$: Observable<AnyEvent>,
  now: () => number = () => 0,
  onEvent?: (event: AnyEvent, subscription: () => Subscription) => void,
): Played {
  const played: Played = { log: [], events: [], times: [], error: undefined };
  const write = (word: string): void => {
    played.log.push(word);
    played.times.push(now());
  };
  const subscription: Subscription = events$.subscribe({
    next: (event) => {
      played.events.push(event);
      write(wordOf(event));
      onEvent?.(event, () => subscription);
    },
    error: (error: unknown) => {
      played.error = error;
      write(`!${error instanceof Error ? error.message : String(error)}`);
    },
    complete: () => write('|'),
  });
  return played;
}

export function wordOf(event: AnyEvent): string {
  switch (event.type) {
    case 'sessionCreated':
      return 'attempt' in event ? `created#${event.attempt}@${event.globalStep}` : event.type;
    case 'beforeStep':
      return `before@${'globalStep' in event ? event.globalStep : ''}`;
    case 'step':
      return `step@${'globalStep' in event ? event.globalStep : ''}`;
    default:
      return event.type;
  }
}

type Options = Partial<TrainingSessionOptions<SessionState, unknown, unknown>>;

/** A session with an empty state and two batches that does nothing, but for `options`. */
export function quietSession(options: Options = {}): Observable<AnyEvent> {
  return trainingSession<SessionState, unknown, unknown>({
    scaffold: { create: () => ({}) },
    input: [1, 2],
    step: () => undefined,
    logger: silentLogger,
    ...options,
  });
}

/** Plays a quiet session with `options` in virtual time, through `pipe`. */
export function play(
  options: Options = {},
  pipe: (session$: Observable<AnyEvent>) => Observable<AnyEvent> = (session$) => session$,
  onEvent?: (event: AnyEvent, subscription: () => Subscription) => void,
): Played {
  let played: Played | undefined;
  virtually((scheduler) => {
    played = record(pipe(quietSession({ scheduler, ...options })), () => scheduler.now(), onEvent);
  });
  return played as Played;
}

/** A logger that keeps its lines: `level: message`. */
export function keptLog(): Logger & { readonly lines: string[]; readonly fields: object[] } {
  const lines: string[] = [];
  const fields: object[] = [];
  const method =
    (level: string) =>
    (first: object | string, message?: string): void => {
      lines.push(`${level}: ${typeof first === 'string' ? first : message}`);
      fields.push(typeof first === 'string' ? {} : first);
    };
  return {
    lines,
    fields,
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
  };
}
