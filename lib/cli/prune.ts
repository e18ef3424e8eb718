import { lastValueFrom } from 'rxjs';
import {
  explain,
  type FoundCheckpoint,
  findCheckpoints,
  keepAnyOf,
  keepBest,
  keepEverySteps,
  keepLatest,
  type Retention,
  safetensors,
  tensorBundle,
} from '../index.js';
import { fileStore } from '../node.js';
import type { Io } from './io.js';
import { openRun } from './open-run.js';
import { printable } from './printable.js';
import { sizeText } from './size-text.js';
import { UsageError } from './usage-error.js';

export interface PruneFlags {
  readonly keepLast?: number;
  readonly keepBest?: readonly string[];
  readonly keepEvery?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/**
 * Deletes the checkpoints of a folder that none of the flags keeps, and says of each why it stays or goes. The newest
 * stays in any case, and so does what another program wrote. The folder is locked: a trainer that is at work refuses it.
 */
export async function prune(which: string, flags: PruneFlags, io: Io): Promise<number> {
  const folder = openRun(io, which, 'prune');
  const retention = retentionOf(flags);
  const store = fileStore(folder, { isFolderRequired: true });
  const formats = [tensorBundle(), safetensors()];
  const isDry = flags.dryRun === true;
  const lock = isDry ? undefined : await lastValueFrom(store.lock());
  try {
    const found = await lastValueFrom(findCheckpoints(store, formats));
    const verdicts = verdictsOn(retention, found);
    const victims = verdicts.filter(({ isKept }) => !isKept).map(({ prefix }) => prefix);
    if (!isDry && victims.length > 0) {
      const markers = formats.map(({ marker }) => marker);
      await lastValueFrom(store.remove(victims, markers), { defaultValue: undefined });
    }
    if (flags.json === true) io.out(`${JSON.stringify({ dryRun: isDry, checkpoints: verdicts })}\n`);
    else print(verdicts, isDry, io);
    return 0;
  } finally {
    lock?.release();
  }
}

interface Verdict {
  readonly prefix: string;
  readonly step: number;
  readonly sizeBytes: number;
  readonly isKept: boolean;
  readonly reason: string;
}

function verdictsOn(retention: Retention, found: readonly FoundCheckpoint[]): readonly Verdict[] {
  const ours = found.filter(({ isOurs }) => isOurs);
  const explained = new Map(explain(retention, ours).map((verdict) => [verdict.checkpoint.prefix, verdict]));
  return found.map(({ prefix, globalStep: step, sizeBytes }) => {
    const verdict = explained.get(prefix);
    const { isKept, reason } = verdict ?? { isKept: true, reason: 'not written by tidemark, or its record is damaged' };
    return { prefix, step, sizeBytes, isKept, reason };
  });
}

function retentionOf({ keepLast, keepBest: best = [], keepEvery }: PruneFlags): Retention {
  const retentions = [
    ...(keepLast === undefined ? [] : [keepLatest(keepLast)]),
    ...best.map(bestOf),
    ...(keepEvery === undefined ? [] : [keepEverySteps(keepEvery)]),
  ];
  if (retentions.length === 0) {
    throw new UsageError(
      'prune needs to know what to keep',
      '--keep-last 3, --keep-best loss:min:1 or --keep-every 1000',
    );
  }
  return keepAnyOf(...retentions);
}

function bestOf(text: string): Retention {
  const [, metric, mode, count = '1'] = /^(.+?):(min|max)(?::(\d+))?$/.exec(text) ?? [];
  if (metric === undefined || Number(count) < 1) {
    throw new UsageError(
      `--keep-best must be <metric>:min:<n> or <metric>:max:<n>, got "${text}"`,
      'e.g. --keep-best loss:min:3',
    );
  }
  return keepBest(metric, Number(count), { mode: mode as 'min' | 'max' });
}

function print(verdicts: readonly Verdict[], isDry: boolean, io: Io): void {
  const width = Math.max(0, ...verdicts.map(({ prefix }) => printable(prefix, 60).length));
  for (const { prefix, isKept, reason } of verdicts) {
    io.out(`${printable(prefix, 60).padEnd(width)}  ${isKept ? 'keep  ' : 'delete'}  ${printable(reason)}\n`);
  }
  const victims = verdicts.filter(({ isKept }) => !isKept);
  const bytes = victims.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const verb = isDry ? 'would be deleted' : 'deleted';
  io.err(
    `${victims.length} of ${verdicts.length} ${verb}, ${sizeText(bytes)}${isDry ? '; nothing was changed' : ''}\n`,
  );
}
