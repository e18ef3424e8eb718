import { asyncScheduler, defer, map, NEVER, type Observable, type ObservableInput, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import { silentLogger } from '../log/logger.js';
import { captureParts } from '../session/capture-parts.js';
import type { SessionEvent } from '../session/event.js';
import type { InputCursor } from '../session/input.js';
import type { RestoreSource } from '../session/restore-source.js';
import { type TrainingSessionOptions, trainingSession } from '../session/training-session.js';
import type { PartState } from '../tensor/part-state.js';
import { type FakeOutputs, fakeOutputs } from './fake-outputs.js';
import { type FakeState, fakeState } from './fake-state.js';

type SessionOptions<O> = Omit<TrainingSessionOptions<FakeState, Mark, O>, 'scaffold' | 'input' | 'step'>;

export interface ScriptedSessionOptions<O> extends SessionOptions<O> {
  /** What the step that leads to this global step returns. @default a loss of `1 / globalStep` */
  readonly outputs?: ((globalStep: number) => O) | undefined;
  /** The global step at which the run starts, as if it were restored there; not together with `restore`. @default 0 */
  readonly startAt?: number | undefined;
  /** What `#` fails with. @default an Error that says so */
  readonly error?: unknown;
  /** Told of each state that was disposed of. */
  readonly onDispose?: ((state: FakeState) => void) | undefined;
}

/** A step of the script, or its end. */
const OPTIONS: OptionNames<ScriptedSessionOptions<never>> = {
  restore: true,
  recover: true,
  fetches: true,
  signal: true,
  stopGraceSeconds: true,
  holdLimitSeconds: true,
  captureLimitSeconds: true,
  sliceMilliseconds: true,
  logger: true,
  scheduler: true,
  outputs: true,
  startAt: true,
  error: true,
  onDispose: true,
};

interface Mark {
  /** How long it takes, in milliseconds. */
  readonly duration: number;
  readonly kind: 'N' | 'E' | 'C';
}

/**
 * A real training session whose steps take the time that a line of marbles says: each mark is the end of a step, which
 * began at the mark before it.
 *
 *     scriptedSession('-1--2-(3|)')   steps of 1, 3 and 2 ms; then the input ends
 *     scriptedSession('(123|)')       steps without a wait, which the loop takes synchronously
 *     scriptedSession('-1-#')         the second step fails, once: after a recovery it is like the others
 *     scriptedSession('-1-2')         after two steps the input gives nothing, and does not end
 *
 * A hold puts off what comes after it. The state is a {@link fakeState}, trained once by each step. Inside `marbles`
 * all of this is in virtual time; other options are those of `trainingSession`.
 */
export function scriptedSession(
  script: string,
  options?: ScriptedSessionOptions<FakeOutputs>,
): Observable<SessionEvent<FakeState, FakeOutputs>>;
export function scriptedSession<O>(
  script: string,
  options: ScriptedSessionOptions<O> & { readonly outputs: (globalStep: number) => O },
): Observable<SessionEvent<FakeState, O>>;
export function scriptedSession(
  script: string,
  options: ScriptedSessionOptions<unknown> = {},
): Observable<SessionEvent<FakeState, unknown>> {
  if (typeof script !== 'string') {
    throw new TypeError(`scriptedSession(script): expected marbles, received ${describeReceived(script)}`);
  }
  checkOptions('scriptedSession(options)', options, OPTIONS);
  const {
    outputs = fakeOutputs,
    startAt = 0,
    error = new Error('the script says that this step fails'),
    onDispose,
    scheduler = asyncScheduler,
    logger = silentLogger,
    restore = startAt > 0 ? restoredAt(startAt) : undefined,
    ...others
  } = options;
  const marks = marksOf(script);

  return defer(() => {
    let hasFailed = false;
    return trainingSession<FakeState, Mark, unknown>({
      ...others,
      scheduler,
      logger,
      restore,
      scaffold: {
        create: () => fakeState(),
        // Whatever it returns is no work to wait for.
        dispose: (state) => {
          onDispose?.(state);
        },
      },
      input: { open: () => new ScriptCursor(marks, (duration) => timer(duration, scheduler)) },
      step: ({ state, batch, globalStep }) => {
        const train = (): unknown => {
          if (batch.kind === 'E' && !hasFailed) {
            hasFailed = true;
            throw error;
          }
          state.model.train();
          return outputs(globalStep + 1);
        };
        return batch.duration === 0 ? train() : timer(batch.duration, scheduler).pipe(map(train));
      },
    });
  });
}

/** The marks of a script with the time from one to the next. */
function marksOf(script: string): readonly Mark[] {
  const parse = () => TestScheduler.parseMarbles(script, undefined, undefined, false, true);
  // A character is a millisecond inside of `run` only, where runs cannot be nested.
  const messages = TestScheduler.frameTimeFactor === 1 ? parse() : new TestScheduler(() => {}).run(parse);
  return messages.map(({ frame, notification: { kind } }, i) => ({
    duration: frame - (messages[i - 1]?.frame ?? 0),
    kind,
  }));
}

class ScriptCursor implements InputCursor<Mark> {
  #position = 0;

  constructor(
    readonly marks: readonly Mark[],
    readonly wait: (milliseconds: number) => Observable<unknown>,
  ) {}

  next(): IteratorResult<Mark, unknown> | ObservableInput<IteratorResult<Mark, unknown>> {
    const mark = this.marks[this.#position];
    if (mark === undefined) return NEVER;
    if (mark.kind !== 'C') {
      this.#position++;
      return { done: false, value: mark };
    }
    const end = { done: true, value: undefined } as const;
    return mark.duration === 0 ? end : this.wait(mark.duration).pipe(map(() => end));
  }

  capture(): PartState {
    return { tensors: new Map(), json: { position: this.#position } };
  }

  restore({ json }: PartState): void {
    this.#position = Number(Object(json)['position']);
  }
}

/** A checkpoint of a run that took other steps before this script. */
function restoredAt(globalStep: number): RestoreSource {
  const start = new ScriptCursor([], () => NEVER);
  const parts = new Map(Object.entries(fakeState(globalStep)));
  const from = { prefix: `model.ckpt-${globalStep}`, globalStep, skipped: [] };
  return {
    load: () => captureParts(globalStep, parts, start, new Map()).pipe(map((snapshot) => ({ from, snapshot }))),
  };
}
