import { readRecordedRun } from '../node.js';
import type { Io } from './io.js';
import { openRun } from './open-run.js';
import { printable } from './printable.js';
import { recordAsJson } from './record-as-json.js';

/** Prints what a run says of itself: its state, its settings, its checkpoints and why each is kept. */
export async function show(path: string, { json = false }: { readonly json?: boolean }, io: Io): Promise<number> {
  const folder = openRun(io, path, 'show');
  const { summary, faults } = readRecordedRun(folder);
  for (const fault of faults) io.err(`warning ${printable(fault)}\n`);
  if (summary === undefined) {
    io.err(
      `error  ${printable(path)} has no record that can be read\nfix    a session with runRecorder(folder) makes one; checkpoints are shown by  tidemark verify ${printable(path)}\n`,
    );
    return 3;
  }
  if (json) {
    io.out(`${JSON.stringify(recordAsJson(summary))}\n`);
    return 0;
  }
  const { record, state } = summary;
  const of = record.totalSteps === undefined ? '' : `/${record.totalSteps}`;
  const lines: (readonly [string, string])[] = [
    ['run', record.id],
    ['state', record.reason === undefined ? state : `${state}: ${record.reason}`],
    ['step', `${record.globalStep}${of}`],
    ...(record.error === undefined ? [] : [['error', `${record.error.name}: ${record.error.message}`] as const]),
    ...[...record.metrics].map(([name, value]) => [name, String(Number(value.toPrecision(4)))] as const),
    ['command', record.command],
    ['seed', String(record.seed ?? '–')],
    ['began', record.startedAt],
    ['heartbeat', record.heartbeatAt],
    ['versions', [...record.versions].map(([name, version]) => `${name} ${version}`).join(', ')],
    ['settings', [...record.config].map(([name, value]) => `${name}=${value}`).join(', ') || '–'],
  ];
  for (const [title, text] of lines) io.out(`${printable(title, 20).padEnd(10)} ${printable(text, 400)}\n`);
  for (const { prefix, sizeBytes, reason } of record.checkpoints) {
    io.out(`  ${printable(prefix, 60)}  ${sizeBytes} bytes  ${printable(reason ?? '')}\n`);
  }
  return 0;
}
