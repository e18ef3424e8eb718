import type { Checkpoint } from '../../checkpoint/checkpoint.js';
import { explain } from '../../checkpoint/retention/explain.js';
import type { Retention } from '../../checkpoint/retention/retention.js';
import type { ProcessTable } from '../../store/lock/process-table.js';
import { ownVersions } from './own-versions.js';
import type { RecordedError } from './recorded-event.js';
import type { RecordedCheckpoint, RecordedProcess, RunRecord } from './run-record.js';
import type { RunRecorderOptions } from './run-recorder.js';
import { scrubSecrets, scrubSetting } from './scrub-secrets.js';

const MOST_PROCESSES = 100;
const GOAL_REACHED = /^step \d+ is reached/;

/** What a run's record says, kept up to date. */
export class RunStatus {
  attempt = 1;
  readonly #before: RunRecord | undefined;
  readonly #processes: ProcessTable;
  /** The saver's, from its first save on. */
  #retention: Retention | undefined;
  readonly #fixed: Pick<
    RunRecord,
    'id' | 'command' | 'versions' | 'seed' | 'config' | 'totalSteps' | 'heartbeatSeconds' | 'startedAt'
  > & { readonly processes: readonly RecordedProcess[] };
  readonly #checkpoints = new Map<string, Checkpoint>();
  /** What the record said of them before, which stands until the saver says what stays. */
  readonly #reasonsBefore = new Map<string, string | undefined>();
  #state: RunRecord['state'] = 'running';
  #cause: string | undefined;
  #reason: string | undefined;
  #error: RecordedError | undefined;

  constructor(
    settings: RunRecorderOptions<never> & {
      readonly id: string;
      readonly heartbeatSeconds: number;
      readonly processes: ProcessTable;
    },
    before: RunRecord | undefined,
    events: string,
  ) {
    const { processes, config = {}, versions = {}, command = processes.self().command } = settings;
    const { pid, start, host, boot, pidSpace } = processes.self();
    const startedAt = processes.now();
    this.#before = before;
    this.#processes = processes;
    for (const { reason, ...checkpoint } of before?.checkpoints ?? []) {
      this.#reasonsBefore.set(checkpoint.prefix, reason);
      this.#checkpoints.set(checkpoint.prefix, { ...checkpoint, parent: undefined });
    }
    const process = { pid, start, host, boot, pidSpace, startedAt, events };
    this.#fixed = {
      id: before?.id ?? settings.id,
      command: scrubSecrets(command),
      versions: new Map(Object.entries({ ...ownVersions(), ...versions })),
      seed: settings.seed,
      config: new Map(
        Object.entries(config).map(([name, value]) => [name, scrubSetting(name, value) as string | number | boolean]),
      ),
      totalSteps: settings.totalSteps,
      heartbeatSeconds: settings.heartbeatSeconds,
      startedAt: before?.startedAt ?? startedAt,
      processes: [...(before?.processes ?? []), process].slice(-MOST_PROCESSES),
    };
  }

  /** @param retention what stays, where the saver says so */
  saved(checkpoint: Checkpoint, retention: Retention | undefined): void {
    this.#retention ??= retention;
    this.#checkpoints.set(checkpoint.prefix, checkpoint);
  }

  deleted(checkpoint: Checkpoint): void {
    this.#checkpoints.delete(checkpoint.prefix);
  }

  ended(cause: string, reason: string | undefined): void {
    this.#cause = cause;
    this.#reason = reason === undefined ? undefined : scrubSecrets(reason);
  }

  concluded(
    end: { readonly kind: 'finished' | 'cancelled' } | { readonly kind: 'failed'; readonly error: RecordedError },
    globalStep: number,
  ): void {
    if (end.kind === 'failed') {
      this.#state = 'failed';
      this.#error = end.error;
    } else if (end.kind === 'cancelled') {
      this.#state = 'stopped';
      this.#reason = 'cancelled';
    } else {
      this.#state = this.#hasReachedItsGoal(globalStep) ? 'finished' : 'stopped';
    }
  }

  #hasReachedItsGoal(globalStep: number): boolean {
    const { totalSteps } = this.#fixed;
    return (
      this.#cause === 'inputExhausted' ||
      GOAL_REACHED.test(this.#reason ?? '') ||
      (totalSteps !== undefined && globalStep >= totalSteps)
    );
  }

  record(globalStep: number, metrics: ReadonlyMap<string, number>, holding: RunRecord['holding']): RunRecord {
    const hasSteps = globalStep > 0 || metrics.size > 0;
    return {
      ...this.#fixed,
      retention: this.#retention?.name,
      state: this.#state,
      reason: this.#reason,
      error: this.#error,
      // Until the session is created, what the record said last still stands.
      globalStep: hasSteps ? globalStep : (this.#before?.globalStep ?? 0),
      attempt: this.attempt,
      metrics: metrics.size > 0 ? metrics : (this.#before?.metrics ?? metrics),
      holding,
      checkpoints: this.#explained(),
      heartbeatAt: this.#processes.now(),
    };
  }

  #explained(): readonly RecordedCheckpoint[] {
    const all = [...this.#checkpoints.values()].sort((a, b) => a.globalStep - b.globalStep);
    const reasons = this.#reasonsFor(all);
    return all.map(({ prefix, globalStep, sizeBytes, savedAt, metrics }, i) => ({
      prefix,
      globalStep,
      sizeBytes,
      savedAt,
      metrics,
      reason: reasons[i],
    }));
  }

  #reasonsFor(all: readonly Checkpoint[]): readonly (string | undefined)[] {
    if (this.#retention === undefined) return all.map(({ prefix }) => this.#reasonsBefore.get(prefix));
    try {
      return explain(this.#retention, all).map(({ reason }) => reason);
    } catch {
      // A retention that cannot decide yet, for want of a metric: the saver is told, here there is no reason to show.
      return [];
    }
  }
}
