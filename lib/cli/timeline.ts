import type { TimelineItem } from '../index.js';
import { buildTimeline, drawTimeline, readRecordedRun } from '../node.js';
import type { Io } from './io.js';
import { openRun } from './open-run.js';
import { printable } from './printable.js';
import { UsageError } from './usage-error.js';

export interface TimelineOptions {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly json?: boolean | undefined;
}

/** Prints what happened in a run between two steps, as marbles. */
export async function timeline(path: string, { from, to, json = false }: TimelineOptions, io: Io): Promise<number> {
  const [fromStep, toStep] = [from ?? 0, to ?? Number.POSITIVE_INFINITY];
  if (fromStep > toStep) throw new UsageError(`--from must not be above --to, got ${fromStep} and ${toStep}`);
  const folder = openRun(io, path, 'timeline');
  const run = readRecordedRun(folder);
  for (const fault of run.faults) io.err(`warning ${printable(fault)}\n`);
  if (run.logs.length === 0) {
    io.err(`error  ${printable(path)} has no events\nfix    a session with runRecorder(folder) records them\n`);
    return 3;
  }
  const built = buildTimeline(run);
  if (json) {
    const inRange = ({ step }: TimelineItem): boolean => step >= fromStep && step <= toStep;
    io.out(`${JSON.stringify({ ...built, items: built.items.filter(inRange) })}\n`);
    return 0;
  }
  const drawn = drawTimeline(built, { fromStep, toStep });
  for (const line of drawn.split('\n')) io.out(`${printable(line, 2000)}\n`);
  return 0;
}
