import { relative } from 'node:path';
import { identity, lastValueFrom, tap } from 'rxjs';
import { type AnyEvent, type Hook, pauseWhile } from '../../index.js';
import { type RunContext, runRecorder, stopOnSignals } from '../../node.js';
import { describeError } from '../describe-error.js';
import type { Io } from '../io.js';
import { openInBrowser } from '../open-in-browser.js';
import { banner } from './banner.js';
import { clearRunFolder } from './clear-run-folder.js';
import { closingLines, lastGoodLines } from './closing-lines.js';
import { writeCommandRecord } from './command-record.js';
import { errorOf, eventLine, jsonLine } from './event-line.js';
import { exitCodeOfEnd, exitCodeOfFailure } from './exit-code.js';
import { Keyboard } from './keys/keyboard.js';
import { RunKeys } from './keys/run-keys.js';
import type { LoadedSession } from './load-session.js';
import { openRunFolder } from './open-run-folder.js';
import { plainConfig, wellKnownOptions } from './recorded-options.js';
import { demandResumed, restoreSourceFor } from './resume-policy.js';
import type { ResumePolicy } from './resume-words.js';
import { nameMetrics, runBar } from './run-bar.js';
import { RunDashboard } from './run-dashboard.js';
import { aloud, runLogger } from './run-logger.js';
import type { MergedOptions } from './run-options.js';
import { interrupt, runSignals } from './run-signals.js';
import { followStory, newStory } from './story.js';

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
  /** The options that are not written down in it. */
  readonly withheld: readonly string[];
}

/**
 * Runs a session to its end, with progress on standard error, a record in its folder, and signals and keys heeded.
 *
 * @returns the exit code
 */
export async function runSession(settings: RunSettings, io: Io): Promise<number> {
  const { session, merged, dir, name, isJson, args } = settings;
  const store = openRunFolder(dir);
  const cleared = settings.isOverwritten ? (await clearRunFolder(dir, '--overwrite')).prefixes.length : 0;
  const place = { name, shownDir: relative(io.cwd, dir) || '.' };
  const story = newStory();
  const metrics: string[] = [];
  const { totalSteps, seed } = wellKnownOptions(merged.options);
  const bar = runBar(io, { metrics, totalSteps, isPlain: settings.isPlain || isJson });
  const say = (line: string): void => bar.destination.write(`${line}\n`);
  const logger = runLogger(dir, name);
  const restore = await restoreSourceFor(store, settings.resume, aloud(logger, say));
  writeCommandRecord(dir, { args, cwd: io.cwd, withheld: settings.withheld });

  const dashboard = new RunDashboard(dir, name, say, io);
  const keys = new RunKeys({
    say,
    stop: interrupt,
    openDashboard: () => dashboard.open((url) => openInBrowser(url, io.env ?? {})),
    onSave: () => {
      story.isSaveAsked = true;
    },
  });

  const isTerminal = io.terminal?.isTTY === true;
  // What is read by a program may be read in the same terminal, which has the keys then.
  const hasKeys = isTerminal && !isJson && io.keyboard !== undefined;
  io.err(banner({ shownAs: session.shownAs, place, seed, cleared, hasKeys }, io));
  if (settings.hasDashboard ?? isTerminal) dashboard.open();
  const keyboard = hasKeys && io.keyboard ? new Keyboard(io.keyboard, (key) => keys.press(key)) : undefined;
  const abort = new AbortController();
  try {
    const context: RunContext = {
      options: merged.options,
      dir,
      name,
      store,
      restore,
      saveRequests: keys.saveRequests,
      signal: abort.signal,
      logger,
    };
    const source = await session.open(context);
    await lastValueFrom(
      source.pipe(
        demandResumed(settings.resume, place.shownDir),
        stopOnSignals({
          graceSeconds: settings.graceSeconds,
          process: runSignals(() => io.err(`\n${lastGoodLines(story, place)}`)),
          onStop: (signal) => {
            story.signal = signal;
            // Below a ^C of the terminal's.
            say(`${keyboard?.isListening === true ? '' : '\n'}stopping after this step … saving`);
            keys.stopping();
            queueMicrotask(() => abort.abort(signal));
          },
        }),
        pauseWhile(keys.isPaused),
        nameMetrics(metrics),
        runRecorder(dir, {
          id: name,
          command: ['tidemark', ...args].join(' '),
          config: plainConfig(merged),
          ...(keyboard === undefined ? {} : { triggers: { 'key s': () => keys.presses } }),
          ...(totalSteps === undefined ? {} : { totalSteps }),
          ...(seed === undefined ? {} : { seed }),
        }),
        // It shows those outputs that are numbers, whatever else there is.
        bar as Hook,
        followStory(story, say),
        isJson ? tap((event: AnyEvent) => printEvent(event, name, io)) : identity,
      ),
      { defaultValue: undefined },
    );
    if (!story.hasEnded)
      throw new Error(`${session.shownAs}: the stream completed without an \`end\`: is it a session?`);
    if (isJson) io.out(jsonLine({ kind: 'finished', run: name, step: story.globalStep, prefix: story.prefix ?? null }));
    io.err(closingLines(story, place, totalSteps));
    return exitCodeOfEnd(story.signal, settings.isPreemptible);
  } catch (error) {
    if (isJson) io.out(jsonLine({ kind: 'failed', run: name, step: story.globalStep, error: errorOf(error) }));
    const { text, exitCode } = describeError(error, io);
    io.err(text + lastGoodLines(story, place));
    return exitCodeOfFailure(error, exitCode);
  } finally {
    keyboard?.close();
    await dashboard.close();
  }
}

function printEvent(event: AnyEvent, run: string, io: Io): void {
  const line = eventLine(event, run, () => new Date().toISOString());
  if (line !== undefined) io.out(line);
}
