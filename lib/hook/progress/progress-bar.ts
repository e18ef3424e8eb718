import { interval, type SchedulerLike, type Subscription } from 'rxjs';
import type { CheckpointEvent, SaveProgressEvent } from '../../checkpoint/checkpoint-event.js';
import { writtenShare } from '../../checkpoint/write-progress.js';
import { checkMethods } from '../../error/check-methods.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import type { StepEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import { type Hook, type HookActions, hook } from '../hook.js';
import {
  type Paint,
  type Progress,
  type ProgressMetric,
  plainProgressLine,
  progressLine,
  type SaveProgress,
} from './progress-line.js';

/** The part of a stream such as standard error that is used here. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface ProgressBarOptions<K extends string> {
  /** Where it is shown. */
  readonly stream: ProgressStream;
  /** The step that the run is to reach, if that is known. */
  readonly totalSteps?: number | undefined;
  /** The outputs of the step that are shown, smoothed a little. @default none */
  readonly metrics?: readonly K[] | undefined;
  /** Whole lines now and then instead of one that changes. @default true unless the stream is a terminal */
  readonly isPlain?: boolean | undefined;
  /** How often it is drawn. @default 0.1 on a terminal, 5 otherwise */
  readonly intervalSeconds?: number | undefined;
  /** Colours a text for the stream. @default no colours */
  readonly paint?: Paint | undefined;
}

const OPTIONS: OptionNames<ProgressBarOptions<never>> = {
  stream: true,
  totalSteps: true,
  metrics: true,
  isPlain: true,
  intervalSeconds: true,
  paint: true,
};

/** A hook that shows progress, and a way past the line for who writes to the same terminal. */
export interface ProgressBar<K extends string> extends Hook<never, { readonly [P in K]: number }> {
  /** Writes whole lines to the stream without garbling the progress line; pino takes it as its destination. */
  readonly destination: { write(lines: string): void };
}

const SMOOTHING = 0.7;
const TREND_SHARE = 0.01;
const CLEAR_LINE = '\r\x1b[2K';

/**
 * Shows how far the run is: step, metrics, rate, time left, and the last checkpoint or the one that is being saved.
 *
 * It is drawn by a timer, so that a step costs it no more than remembering the event. On anything but a terminal it is
 * a line now and then.
 *
 * @throws RangeError for an interval that is not positive
 */
export function progressBar<const K extends string = never>(options: ProgressBarOptions<K>): ProgressBar<K> {
  checkOptions('progressBar(options)', options, OPTIONS);
  checkMethods('progressBar(stream)', 'a stream such as process.stderr', options.stream, ['write']);
  const { stream, totalSteps, metrics = [], isPlain = stream.isTTY !== true, paint = (_, text) => text } = options;
  const { intervalSeconds = isPlain ? 5 : 0.1 } = options;
  if (!(intervalSeconds > 0)) {
    throw new RangeError(
      `progressBar(intervalSeconds): expected a positive number, received ${describeReceived(intervalSeconds)}`,
    );
  }
  const screen = new Screen(stream, isPlain);
  const bar = hook<never, { readonly [P in K]: number }>(
    'progressBar',
    () => new ActiveBar(screen, { totalSteps, metrics, isPlain, paint, intervalSeconds }),
  );
  return Object.assign(bar, { destination: { write: (lines: string) => screen.writeLines(lines) } });
}

interface BarOptions {
  readonly totalSteps: number | undefined;
  readonly metrics: readonly string[];
  readonly isPlain: boolean;
  readonly paint: Paint;
  readonly intervalSeconds: number;
}

/** The bar in one run. */
class ActiveBar implements HookActions {
  readonly #screen: Screen;
  readonly #options: BarOptions;
  readonly #smoothed = new Map<string, ProgressMetric>();
  #timer: Subscription | undefined;
  #scheduler: SchedulerLike | undefined;
  #last: StepEvent | undefined;
  #shown: StepEvent | undefined;
  #globalStep = 0;
  #drawn: { readonly globalStep: number; readonly at: number } | undefined;
  #stepsPerSecond: number | undefined;
  #checkpoint: SaveProgress | undefined;
  #isPaused = false;

  constructor(screen: Screen, options: BarOptions) {
    this.#screen = screen;
    this.#options = options;
  }

  sessionCreated({ globalStep, scheduler }: { readonly globalStep: number; readonly scheduler: SchedulerLike }): void {
    // After a recovery, what is shown is where the run goes on.
    this.#last = this.#shown = this.#checkpoint = undefined;
    this.#isPaused = false;
    this.#globalStep = globalStep;
    this.#scheduler = scheduler;
    this.#drawn = { globalStep, at: scheduler.now() };
    this.#timer?.unsubscribe();
    this.#timer = interval(this.#options.intervalSeconds * 1000, scheduler).subscribe(() => this.#draw());
  }

  step(event: StepEvent): void {
    this.#last = event;
  }

  end(): void {
    // No new rate: what other hooks do at the end is no part of a step.
    this.#look();
    this.#show();
  }

  hookEvent(event: HookEvent): void {
    const { type } = event as HookEvent | CheckpointEvent;
    if (type === 'beforeSave') this.#saves(event as CheckpointEvent, 'saving');
    else if (type === 'saveProgress') this.#written(event as SaveProgressEvent);
    else if (type === 'afterSave') this.#saves(event as CheckpointEvent, 'saved');
    else if (type === 'saveFailed') this.#saves(event as CheckpointEvent, 'failed');
    else if (type === 'paused' || type === 'resumed') this.#pauses(type === 'paused');
  }

  teardown(): void {
    this.#timer?.unsubscribe();
    this.#screen.finish();
  }

  #saves({ globalStep }: CheckpointEvent, state: SaveProgress['state']): void {
    this.#checkpoint = { globalStep, state };
    if (!this.#options.isPlain) this.#draw();
  }

  #written({ globalStep, writtenBytes, sizeBytes }: SaveProgressEvent): void {
    this.#checkpoint = { globalStep, state: 'saving', writtenShare: writtenShare(writtenBytes, sizeBytes) };
  }

  #pauses(isPaused: boolean): void {
    this.#draw();
    this.#isPaused = isPaused;
    this.#show();
  }

  #draw(): void {
    this.#look();
    this.#measure();
    this.#show();
  }

  #look(): void {
    if (this.#last !== undefined && this.#last !== this.#shown) {
      this.#shown = this.#last;
      this.#globalStep = this.#last.globalStep;
      for (const name of this.#options.metrics) this.#smooth(name, this.#last.outputs);
    }
  }

  #show(): void {
    const progress: Progress = {
      globalStep: this.#globalStep,
      totalSteps: this.#options.totalSteps,
      metrics: [...this.#smoothed.values()],
      stepsPerSecond: this.#stepsPerSecond,
      checkpoint: this.#checkpoint,
      isPaused: this.#isPaused,
    };
    const { isPlain, paint } = this.#options;
    this.#screen.draw(isPlain ? plainProgressLine(progress) : progressLine(progress, paint, this.#screen.columns));
  }

  #smooth(name: string, outputs: unknown): void {
    const value = Number((outputs as Record<string, unknown> | undefined)?.[name]);
    const before = this.#smoothed.get(name)?.value;
    const isFresh = before === undefined || !Number.isFinite(before);
    const now = isFresh ? value : SMOOTHING * before + (1 - SMOOTHING) * value;
    const change = isFresh ? 0 : now - before;
    const trend = Math.abs(change) < TREND_SHARE * Math.abs(now) ? 0 : change < 0 ? -1 : 1;
    this.#smoothed.set(name, { name, value: now, trend });
  }

  #measure(): void {
    const at = this.#scheduler?.now() ?? 0;
    if (this.#drawn === undefined || at <= this.#drawn.at) return;
    // A pause is no slowness: the rate goes on as it was.
    if (this.#isPaused) {
      this.#drawn = { globalStep: this.#globalStep, at };
      return;
    }
    const rate = (this.#globalStep - this.#drawn.globalStep) / ((at - this.#drawn.at) / 1000);
    this.#stepsPerSecond =
      this.#stepsPerSecond === undefined ? rate : SMOOTHING * this.#stepsPerSecond + (1 - SMOOTHING) * rate;
    this.#drawn = { globalStep: this.#globalStep, at };
  }
}

/** The line on the stream, and lines of others above it. */
class Screen {
  readonly #stream: ProgressStream;
  readonly #isPlain: boolean;
  #line = '';

  constructor(stream: ProgressStream, isPlain: boolean) {
    this.#stream = stream;
    this.#isPlain = isPlain;
  }

  /** How many there are for a line, next to one for the cursor and one for what is cut. */
  get columns(): number {
    return (this.#stream.columns || 80) - 2;
  }

  draw(line: string): void {
    if (this.#isPlain) {
      if (line !== this.#line) this.#stream.write(`${line}\n`);
      this.#line = line;
      return;
    }
    this.#line = fit(line, this.columns + 1);
    this.#stream.write(CLEAR_LINE + this.#line);
  }

  writeLines(lines: string): void {
    if (this.#isPlain || this.#line === '') this.#stream.write(lines);
    else this.#stream.write(CLEAR_LINE + lines + this.#line);
  }

  /** Leaves the line as it is and goes below it. */
  finish(): void {
    if (!this.#isPlain && this.#line !== '') this.#stream.write('\n');
    this.#line = '';
  }
}

/** Cuts a line to what fits, not counting colours; a cut within colours is ended. */
function fit(line: string, columns: number): string {
  let width = 0;
  let isColoured = false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences are what is looked for
  return line.replace(/\x1b\[[0-9;]*m|./gu, (piece) => {
    if (piece.startsWith('\x1b')) {
      isColoured = !piece.endsWith('[0m');
      return piece;
    }
    width++;
    if (width < columns) return piece;
    return width === columns ? `…${isColoured ? '\x1b[0m' : ''}` : '';
  });
}
