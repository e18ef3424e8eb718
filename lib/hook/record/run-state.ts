import type { ProcessTable } from '../../store/lock/process-table.js';
import { judge, markOf } from '../../store/lock/writer-mark.js';
import type { RunRecord } from './run-record.js';

/** How a run stands. */
export const RUN_STATES = ['running', 'finished', 'stopped', 'failed', 'crashed'] as const;

export type RunState = (typeof RUN_STATES)[number];

// A heartbeat waits for the step that goes on, so that one or two that are late say little.
const MISSED_HEARTBEATS = 6;
const SHORTEST_STALE_MS = 30_000;

/**
 * How a run stands: what its record says, unless that is `running` and the process is dead, which is `crashed`. Where
 * the process cannot be asked, because it is another machine's, a stale heartbeat says the same.
 */
export function runStateOf(record: RunRecord, processes: ProcessTable): RunState {
  if (record.state !== 'running') return record.state;
  const last = record.processes.at(-1);
  const verdict = last === undefined ? 'unknown' : judge(markOf({ ...last, command: '', token: '' }), processes);
  if (verdict === 'dead') return 'crashed';
  return verdict === 'unknown' && isStale(record, processes.now()) ? 'crashed' : 'running';
}

/** Whether the heartbeat is long overdue. */
function isStale({ heartbeatAt, heartbeatSeconds }: RunRecord, now: string): boolean {
  const age = Date.parse(now) - Date.parse(heartbeatAt);
  return !(age < Math.max(SHORTEST_STALE_MS, heartbeatSeconds * 1000 * MISSED_HEARTBEATS));
}
