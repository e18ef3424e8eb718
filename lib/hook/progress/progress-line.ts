/** What a progress line says. */
export interface Progress {
  readonly globalStep: number;
  /** `undefined` if nobody knows when it ends. */
  readonly totalSteps: number | undefined;
  readonly metrics: readonly ProgressMetric[];
  /** `undefined` until it is known. */
  readonly stepsPerSecond: number | undefined;
  readonly checkpoint: SaveProgress | undefined;
  /** Whether the loop waits until somebody lets it go on. */
  readonly isPaused: boolean;
}

export interface ProgressMetric {
  readonly name: string;
  readonly value: number;
  /** Where it has been heading; 0 if nowhere in particular. */
  readonly trend: -1 | 0 | 1;
}

/** The last checkpoint, or the save that is going on. */
export interface SaveProgress {
  readonly globalStep: number;
  readonly state: 'saving' | 'saved' | 'failed';
  /** How much of a save that goes on is written, from 0 to 1, where that is told. */
  readonly writtenShare?: number | undefined;
}

/** Puts text into a colour, or leaves it as it is. */
export type Paint = (style: 'dim' | 'green' | 'red' | 'cyan' | 'yellow', text: string) => string;

const BAR_CELLS = 24;
const LEAST_BAR_CELLS = 6;
const ARROWS = { [-1]: '↓', 0: ' ', 1: '↑' } as const;
const SAVE_MARKS = { saving: '…', saved: '✔', failed: '✘' } as const;

/**
 * One line for a terminal:
 *
 *     step  412/2000 ━━━━━╸──────────────────  21%  loss 0.3127 ↓  accuracy 0.861 ↑  1.9k/s  eta 0:08  ckpt 400 ✔
 *
 * Where that is too wide, first the bar is shortened and then left out; then metrics are, from the last to the second.
 */
export function progressLine(progress: Progress, paint: Paint, columns = Number.POSITIVE_INFINITY): string {
  const { globalStep, totalSteps, metrics } = progress;
  const shown = metrics.map(({ name, value, trend }) => `${paint('dim', name)} ${significant(value)} ${ARROWS[trend]}`);
  const rest = [...paceOf(progress, paint), ...saveOf(progress, paint)];
  if (totalSteps === undefined) return narrowed([`step ${globalStep}`], shown, rest, columns);
  const share = Math.min(1, totalSteps === 0 ? 1 : globalStep / totalSteps);
  const count = `step ${String(globalStep).padStart(String(totalSteps).length)}/${totalSteps}`;
  const percent = `${String(Math.floor(share * 100)).padStart(3)}%`;
  const bare = [`${count} ${percent}`, ...shown, ...rest].join('  ');
  const cells = Math.min(BAR_CELLS, columns - widthOf(bare) - 1);
  if (cells < LEAST_BAR_CELLS) return narrowed([`${count} ${percent}`], shown, rest, columns);
  return [`${count} ${bar(share, cells, paint)} ${percent}`, ...shown, ...rest].join('  ');
}

function narrowed(
  head: readonly string[],
  metrics: readonly string[],
  rest: readonly string[],
  columns: number,
): string {
  const line = [...head, ...metrics, ...rest].join('  ');
  if (metrics.length < 2 || widthOf(line) <= columns) return line;
  return narrowed(head, metrics.slice(0, -1), rest, columns);
}

/** How wide a text is to who reads it: colours take no room. */
function widthOf(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences are what is looked for
  return [...text.replace(/\x1b\[[0-9;]*m/g, '')].length;
}

function saveOf({ checkpoint }: Progress, paint: Paint): readonly string[] {
  if (checkpoint === undefined) return [];
  const { globalStep, state, writtenShare } = checkpoint;
  const written = writtenShare === undefined || state !== 'saving' ? '' : ` ${Math.floor(writtenShare * 100)}%`;
  const style = state === 'failed' ? 'red' : 'green';
  return [`${paint('dim', 'ckpt')} ${globalStep}${written} ${paint(style, SAVE_MARKS[state])}`];
}

/** The same without a terminal, one line at a time: `step 400/2000 loss 0.3127 accuracy 0.861 1.9k/s eta 0:08 ckpt 400`. */
export function plainProgressLine(progress: Progress): string {
  const { globalStep, totalSteps, metrics, checkpoint } = progress;
  return [
    `step ${globalStep}${totalSteps === undefined ? '' : `/${totalSteps}`}`,
    ...metrics.map(({ name, value }) => `${name} ${significant(value)}`),
    ...paceOf(progress, (_, text) => text),
    ...(checkpoint === undefined
      ? []
      : [`ckpt ${checkpoint.globalStep}${checkpoint.state === 'failed' ? ' failed' : ''}`]),
  ].join(' ');
}

/** How fast it is and how long that takes, or that it waits. */
function paceOf(progress: Progress, paint: Paint): readonly string[] {
  const { stepsPerSecond, isPaused } = progress;
  if (isPaused) return [paint('yellow', 'paused')];
  const left = secondsLeft(progress);
  return [
    ...(stepsPerSecond === undefined ? [] : [rate(stepsPerSecond)]),
    ...(left === undefined ? [] : [`${paint('dim', 'eta')} ${duration(left)}`]),
  ];
}

function secondsLeft({ globalStep, totalSteps, stepsPerSecond }: Progress): number | undefined {
  if (totalSteps === undefined || stepsPerSecond === undefined || stepsPerSecond <= 0) return undefined;
  return Math.max(0, totalSteps - globalStep) / stepsPerSecond;
}

function bar(share: number, cells: number, paint: Paint): string {
  const halves = Math.round(share * cells * 2);
  const full = Math.floor(halves / 2);
  const filled = '━'.repeat(full) + (halves % 2 === 1 ? '╸' : '');
  return paint('cyan', filled) + paint('dim', '─'.repeat(cells - full - (halves % 2)));
}

/** Four significant digits, at any size. */
function significant(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(2) : value.toPrecision(4);
}

function rate(stepsPerSecond: number): string {
  if (stepsPerSecond >= 1000) return `${(stepsPerSecond / 1000).toPrecision(2)}k/s`;
  return `${stepsPerSecond >= 10 ? stepsPerSecond.toFixed(0) : stepsPerSecond.toPrecision(2)}/s`;
}

/** `0:08`, `12:30`, `1:02:03`. */
function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(rest).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}
