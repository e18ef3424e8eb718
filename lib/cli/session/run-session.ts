import { dirname, join, relative } from 'node:path';
import pino from 'pino';
import { lastValueFrom, type Observable, tap } from 'rxjs';
import { type AnyEvent, type Hook, hook, progressBar } from '../../index.js';
import {
  paintFor,
  type RunContext,
  runRecorder,
  SIGNAL_EXIT_CODES,
  type StopSignal,
  stopOnSignals,
} from '../../node.js';
import { describeError } from '../describe-error.js';
import type { Io } from '../io.js';
import { printable } from '../printable.js';
import { clearRunFolder } from './clear-run-folder.js';
import { writeCommandRecord } from './command-record.js';
import { startDashboardThread } from './dashboard-thread.js';
import { errorOf, eventLine, jsonLine, numbersOf } from './event-line.js';
import type { LoadedSession } from './load-session.js';
import { openRunFolder } from './open-run-folder.js';
import { demandResumed, restoreSourceFor } from './resume-policy.js';
import type { ResumePolicy } from './resume-words.js';
import type { MergedOptions } from './run-options.js';

export interface RunSettings {
  readonly session: LoadedSession;
  readonly merged: MergedOptions;
  /** Absolute. */
  readonly dir: string;
  readonly name: string;
  readonly resume: ResumePolicy;
  readonly graceSeconds: number;
  readonly isJson: boolean;
  readonly isPlain: boolean;
  readonly isPreemptible: boolean;
  /** Whether the run that is in the folder is deleted first. */
  readonly isOverwritten: boolean;
  /** Whether the dashboard is served. @default if there is a terminal */
  readonly hasDashboard: boolean | undefined;
  /** The command that starts this run again. */
  readonly args: readonly string[];
}

const PREEMPTED = 75;
const SHOWN_METRICS = 3;

/**
 * Runs a session to its end, with progress on standard error, a record in its folder and signals heeded.
 *
 * @returns the exit code
 */
export async function runSession(settings: RunSettings, io: Io): Promise<number> {
  const { session, merged, dir, name, isJson, args } = settings;
  const store = openRunFolder(dir);
  const cleared = settings.isOverwritten ? await clearRunFolder(dir) : 0;
  const restore = await restoreSourceFor(store, settings.resume);
  writeCommandRecord(dir, { args, cwd: io.cwd });
  const shownDir = relative(io.cwd, dir) || '.';

  const terminal = io.terminal ?? {};
  const paint = paintFor(terminal, { ...io.env });
  const metrics: string[] = [];
  const totalSteps = totalStepsOf(merged.options);
  const isPlain = settings.isPlain || isJson || terminal.isTTY !== true;
  const bar = progressBar({
    stream: { ...terminal, write: (text: string) => io.err(text) },
    totalSteps,
    metrics,
    paint,
    isPlain,
  });
  const say = (line: string): void => bar.destination.write(`${line}\n`);

  const abort = new AbortController();
  const logger = pino({ name }, pino.destination({ dest: join(dir, 'log.jsonl'), sync: true, append: true }));
  const context: RunContext = { options: merged.options, dir, name, store, restore, signal: abort.signal, logger };
  const story: Story = { globalStep: 0, prefix: undefined, signal: undefined, hasEnded: false };

  io.err(`tidemark  ${session.shownAs} · run ${paint('cyan', name)}\n  dir     ${shownDir}\n`);
  if (cleared > 0) io.err(`  cleared ${cleared} checkpoints of an earlier run\n`);
  const dashboard = (settings.hasDashboard ?? terminal.isTTY === true) ? serveDashboard(dir, name, say, io) : undefined;
  try {
    const source = await session.open(context);
    await lastValueFrom(
      source.pipe(
        demandResumed(settings.resume, shownDir),
        stopOnSignals({
          graceSeconds: settings.graceSeconds,
          onStop: (signal) => {
            story.signal = signal;
            // Below a ^C of the terminal's.
            say('\nstopping after this step … saving');
            queueMicrotask(() => abort.abort(signal));
          },
        }),
        nameMetrics(metrics),
        runRecorder(dir, {
          id: name,
          command: ['tidemark', ...args].join(' '),
          config: plainConfig(merged),
          ...(totalSteps === undefined ? {} : { totalSteps }),
        }),
        // It shows those outputs that are numbers, whatever else there is.
        bar as Hook,
        tell(story, say, isJson ? (line) => io.out(line) : undefined, name),
      ),
      { defaultValue: undefined },
    );
    if (!story.hasEnded)
      throw new Error(`${session.shownAs}: the stream completed without an \`end\`: is it a session?`);
    if (isJson) io.out(jsonLine({ kind: 'finished', run: name, step: story.globalStep, prefix: story.prefix ?? null }));
    conclude(story, shownDir, name, totalSteps, io);
    return exitCodeOf(story.signal, settings.isPreemptible);
  } catch (error) {
    if (isJson) io.out(jsonLine({ kind: 'failed', run: name, step: story.globalStep, error: errorOf(error) }));
    const { text, exitCode } = describeError(error);
    io.err(text);
    if (story.prefix !== undefined) {
      io.err(`  last good  ${join(shownDir, story.prefix)}\n  resume     npx tidemark resume ${shownDir}\n`);
    }
    return exitCode === 1 && isNanLoss(error) ? 5 : exitCode;
  } finally {
    await dashboard?.close();
  }
}

/** Serves the dashboard beside the run, and says where; a run goes on without. */
function serveDashboard(dir: string, name: string, say: (line: string) => void, io: Io): { close(): Promise<void> } {
  // What is beside other runs is compared with them; any other folder is shown alone.
  const root = dir === join(io.cwd, 'runs', name) ? dirname(dir) : dir;
  const thread = startDashboardThread({ root, pageFolder: io.pageFolder });
  let isClosed = false;
  void thread.answer.then((answer) => {
    if (isClosed) return;
    say('url' in answer ? `  dashboard  ${answer.url}` : `  warning no dashboard: ${printable(answer.fault)}`);
  });
  return {
    close: () => {
      isClosed = true;
      return thread.close();
    },
  };
}

/** What is known of a run so far. */
interface Story {
  globalStep: number;
  prefix: string | undefined;
  signal: StopSignal | undefined;
  hasEnded: boolean;
}

function tell(
  story: Story,
  say: (line: string) => void,
  out: ((line: string) => void) | undefined,
  run: string,
): (source: Observable<AnyEvent>) => Observable<AnyEvent> {
  return tap((event: AnyEvent) => {
    if ('globalStep' in event && typeof event.globalStep === 'number') story.globalStep = event.globalStep;
    if (event.type === 'end') story.hasEnded = true;
    if (event.type === 'sessionCreated' && 'restored' in event && event.restored !== undefined) {
      story.prefix = event.restored.prefix;
      say(`  resume  from step ${event.globalStep} (${event.restored.prefix})`);
      for (const { prefix } of event.restored.skipped) say(`  warning ${prefix} is damaged, and was passed over`);
    }
    if (event.type === 'afterSave' && 'checkpoint' in event) {
      story.prefix = (event.checkpoint as { readonly prefix: string }).prefix;
    }
    if (out === undefined) return;
    const line = eventLine(event, run, () => new Date().toISOString());
    if (line !== undefined) out(line);
  });
}

/** Which outputs are numbers is known with the first step. */
const nameMetrics = (metrics: string[]) =>
  hook('metrics', (output) => ({
    step: ({ outputs }) => {
      if (metrics.length === 0) metrics.push(...[...numbersOf(outputs).keys()].slice(0, SHOWN_METRICS));
      output.sleepUntil(Number.POSITIVE_INFINITY);
    },
  }));

function conclude(
  { globalStep, prefix }: Story,
  shownDir: string,
  name: string,
  totalSteps: number | undefined,
  io: Io,
): void {
  if (prefix === undefined) {
    io.err(`  done    step ${globalStep}; nothing was saved\n`);
    return;
  }
  io.err(`  saved   step ${globalStep} in ${join(shownDir, prefix)}\n`);
  const isAtHome = shownDir === join('runs', name);
  if (totalSteps === undefined || globalStep < totalSteps) {
    io.err(`  resume  npx tidemark resume ${isAtHome ? name : shownDir}\n`);
  }
  io.err(`  look    npx tidemark inspect ${join(shownDir, prefix)}\n`);
}

function exitCodeOf(signal: StopSignal | undefined, isPreemptible: boolean): number {
  if (signal === undefined) return 0;
  return isPreemptible ? PREEMPTED : SIGNAL_EXIT_CODES[signal];
}

function isNanLoss(error: unknown): boolean {
  for (let link = error, depth = 0; link instanceof Error && depth < 10; link = link.cause, depth++) {
    if ('code' in link && link.code === 'NAN_LOSS') return true;
  }
  return false;
}

function totalStepsOf({ steps }: { readonly steps?: unknown }): number | undefined {
  return typeof steps === 'number' && Number.isSafeInteger(steps) && steps >= 0 ? steps : undefined;
}

function plainConfig({ explained }: MergedOptions): Readonly<Record<string, string | number | boolean>> {
  return Object.fromEntries(
    explained.map(({ name, value }) => [
      name,
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? value
        : JSON.stringify(value),
    ]),
  );
}
