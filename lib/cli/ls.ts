import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { CodedError } from '../index.js';
import { type RunSummary, readRunRecord } from '../node.js';
import type { Io } from './io.js';
import { isFolder } from './is-folder.js';
import { printable } from './printable.js';
import { recordAsJson } from './record-as-json.js';
import { COMMAND_RECORD_NAME } from './session/command-record.js';
import { tableText } from './table-text.js';
import { UsageError } from './usage-error.js';

const MOST_RUNS = 10_000;
const UNFINISHED: ReadonlySet<string> = new Set(['crashed', 'failed', 'stopped']);

/** Lists the runs of a folder, the newest first. */
export async function ls(
  directory: string | undefined,
  { metric = 'loss', json = false }: { readonly metric?: string; readonly json?: boolean },
  io: Io,
): Promise<number> {
  const root = resolve(io.cwd, directory ?? (isFolder(resolve(io.cwd, 'runs')) ? 'runs' : '.'));
  if (!isFolder(root)) {
    throw new UsageError(`${printable(directory ?? root)} is not a folder`, 'name the folder of your runs');
  }
  const names = readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );
  const runs: { readonly name: string; readonly summary: RunSummary }[] = [];
  for (const name of ['', ...names].slice(0, MOST_RUNS)) {
    try {
      const summary = readRunRecord(join(root, name));
      if (summary !== undefined) runs.push({ name: name === '' ? '.' : name, summary });
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      io.err(`warning ${printable(name)}: ${printable(error.message)}\n`);
    }
  }
  runs.sort((a, b) => (a.summary.record.heartbeatAt < b.summary.record.heartbeatAt ? 1 : -1));
  if (json) {
    for (const { name, summary } of runs) io.out(`${JSON.stringify({ name, ...recordAsJson(summary) })}\n`);
    return 0;
  }
  if (runs.length === 0) {
    io.err('no runs yet: tidemark demo, tidemark run <module> or a session with runRecorder(folder) makes one\n');
    return 0;
  }
  const rows = runs.map(({ name, summary: { record, state } }) => [
    printable(name === '.' ? record.id : name, 40),
    state,
    `${record.globalStep}${record.totalSteps === undefined ? '' : `/${record.totalSteps}`}`,
    numberOf(record.metrics.get(metric)),
    printable(record.checkpoints.at(-1)?.prefix ?? '–', 30),
    age(record.heartbeatAt),
    UNFINISHED.has(state) && existsSync(join(root, name, COMMAND_RECORD_NAME))
      ? `resume: tidemark resume ${printable(relative(io.cwd, join(root, name)).replace(/^runs[/\\\\]/, '') || '.')}`
      : '',
  ]);
  const header = ['RUN', 'STATE', 'STEP', printable(metric, 20).toUpperCase(), 'CKPT', 'AGE', ''];
  for (const line of tableText(header, rows)) io.out(`${line}\n`);
  return 0;
}

function numberOf(value: number | undefined): string {
  return value === undefined ? '–' : String(Number(value.toPrecision(4)));
}

function age(at: string): string {
  const seconds = Math.max(0, (Date.now() - Date.parse(at)) / 1000);
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 15) return 'now';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 129_600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}
