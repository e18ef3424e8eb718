import type { Subscription } from 'rxjs';
import { AfterSaveEvent, CheckpointDeletedEvent } from '../../checkpoint/checkpoint-event.js';
import { StoreInUseError } from '../../error/store-in-use-error.js';
import type { Logger } from '../../log/logger.js';
import {
  type BeginEvent,
  type EndEvent,
  runOf,
  type SessionCreatedEvent,
  type StepEvent,
} from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import type { RunControl } from '../../session/run-control.js';
import type { FileSystem } from '../../store/file-system.js';
import type { ProcessTable } from '../../store/lock/process-table.js';
import type { Trigger } from '../../trigger/trigger.js';
import type { HookActions } from '../hook.js';
import { Schedule } from '../schedule.js';
import { describeFailure } from './describe-failure.js';
import { HookCosts } from './hook-costs.js';
import { LineBudget } from './line-budget.js';
import { recordHookEvent, recordSave } from './record-hook-event.js';
import { RecordWriter } from './record-writer.js';
import type { RecordedEvent } from './recorded-event.js';
import { RunFiles, readRunFile } from './run-files.js';
import type { RunRecord } from './run-record.js';
import type { RunRecorderOptions } from './run-recorder.js';
import { runStateOf } from './run-state.js';
import { RunStatus } from './run-status.js';
import { StepBlocks } from './step-blocks.js';

const FLUSH_MS = 500;
const SHORTEST_HOLD_MS = 1;
const SHORTEST_COSTS_MS = 1000;
// As with the blocks of steps: the longer the run, the rarer the lines.
const COSTS_PER_RUN_TIME = 256;

type Settings<O> = RunRecorderOptions<O> & {
  readonly id: string;
  readonly heartbeatSeconds: number;
  readonly triggers: Readonly<Record<string, Trigger<O>>>;
  readonly fileSystem: FileSystem;
  readonly processes: ProcessTable;
};

/** The recorder in one run. */
export class ActiveRecorder<O> implements HookActions<O> {
  readonly #folder: string;
  readonly #settings: Settings<O>;
  readonly #schedules: readonly (readonly [string, Schedule<O>])[];
  readonly #budget = new LineBudget();
  readonly #blocks: StepBlocks;
  readonly #openHolds = new Map<object, { readonly hook: string; readonly t: number }>();
  #run: RunControl | undefined;
  #unwatch: (() => void) | undefined;
  #costs: HookCosts | undefined;
  #costsAt = 0;
  #startedAt = 0;
  readonly #writer: RecordWriter;
  #status!: RunStatus;
  #timer: Subscription | undefined;
  #heartbeatAt = 0;
  #isOver = false;

  constructor(folder: string, settings: Settings<O>) {
    this.#folder = folder;
    this.#settings = settings;
    this.#writer = new RecordWriter(folder);
    this.#schedules = Object.entries(settings.triggers).map(([name, trigger]) => [name, new Schedule(trigger)]);
    this.#blocks = new StepBlocks(
      () => this.#now(),
      (block) => this.#writer.add(block),
    );
  }

  begin(event: BeginEvent): void {
    const { fileSystem, processes, id } = this.#settings;
    this.#run = runOf(event);
    this.#writer.logger = event.logger;
    this.#startedAt = event.scheduler.now();
    const before = this.#recordBefore(event.logger);
    this.#writer.attempt(() => {
      const files = new RunFiles(fileSystem, this.#folder);
      this.#writer.open(files);
      this.#status = new RunStatus(this.#settings, before, files.events);
      const at = processes.now();
      this.#writer.add({ kind: 'begin', t: 0, run: before?.id ?? id, at });
      this.#beat();
    });
    this.#unwatch = this.#run.watchHolds?.((hook, type) => this.#holdBegins(hook ?? 'unnamed', type));
    this.#costs = new HookCosts(this.#run, () => event.scheduler.now());
    this.#tickLater();
  }

  sessionCreated(event: SessionCreatedEvent): void {
    for (const [, schedule] of this.#schedules) schedule.start(event);
    const { globalStep: step, attempt, restored, error } = event;
    this.#writer.attempt(() => {
      this.#blocks.close(this.#now());
      this.#blocks.start(step);
      const recovered = error === undefined ? undefined : describeFailure(error);
      this.#status.attempt = attempt;
      this.#writer.add({
        kind: 'sessionCreated',
        t: this.#now(),
        step,
        attempt,
        restored: restored?.prefix,
        error: recovered,
      });
      this.#beat();
    });
  }

  step(event: StepEvent<unknown, O>): void {
    this.#blocks.add(event.globalStep, event.outputs);
    this.#costs?.step();
    for (const [trigger, schedule] of this.#schedules) {
      if (schedule.isDueAt(event)) this.#writeSome({ kind: 'firing', t: this.#now(), trigger, step: event.globalStep });
    }
  }

  hookEvent(event: HookEvent): void {
    const t = this.#now();
    const save = recordSave(event, t);
    if (save === undefined) {
      this.#writeSome(recordHookEvent(event, t, this.#blocks.globalStep));
      return;
    }
    this.#writer.attempt(() => {
      this.#blocks.close(t);
      this.#writer.add(save);
      if (event instanceof AfterSaveEvent) this.#status.saved(event.checkpoint, event.retention);
      if (event instanceof CheckpointDeletedEvent) this.#status.deleted(event.checkpoint);
      this.#writer.flush();
      // The record is replaced at the next tick, not in the time of the save.
      if (save.kind === 'afterSave') this.#heartbeatAt = Number.NEGATIVE_INFINITY;
    });
  }

  end({ globalStep: step, cause, reason }: EndEvent): void {
    this.#writer.attempt(() => {
      this.#blocks.close(this.#now());
      this.#status.ended(cause, reason);
      this.#writer.add({ kind: 'end', t: this.#now(), step, cause, reason });
      this.#writer.flush();
    });
  }

  complete(): void {
    this.#conclude({ kind: 'finished', t: this.#now(), step: this.#blocks.globalStep });
  }

  error(error: unknown): void {
    const failure = describeFailure(error);
    this.#conclude({ kind: 'failed', t: this.#now(), step: this.#blocks.globalStep, error: failure });
  }

  teardown(): void {
    this.#timer?.unsubscribe();
    this.#unwatch?.();
    this.#costs?.stop();
    for (const [, schedule] of this.#schedules) schedule.stop();
    if (!this.#isOver) this.#conclude({ kind: 'cancelled', t: this.#now(), step: this.#blocks.globalStep });
  }

  #conclude(end: RecordedEvent & { readonly kind: 'finished' | 'failed' | 'cancelled' }): void {
    this.#isOver = true;
    this.#writer.attempt(() => {
      this.#blocks.close(this.#now());
      this.#writeCosts();
      this.#writer.add(end);
      this.#status.concluded(end, this.#blocks.globalStep);
      this.#beat();
      this.#writer.close();
    });
  }

  /** The record of the run that goes on here. */
  #recordBefore(logger: Logger): RunRecord | undefined {
    const { fileSystem, processes } = this.#settings;
    let before: RunRecord | undefined;
    try {
      before = readRunFile(fileSystem, this.#folder);
    } catch (error) {
      logger.warn({ err: error, folder: this.#folder }, 'the record of the run is damaged and begun anew');
    }
    const last = before?.processes.at(-1);
    if (before === undefined || last === undefined || last.pid === processes.self().pid) return before;
    if (runStateOf(before, processes) === 'running') {
      throw new StoreInUseError(this.#folder, { ...last, since: last.startedAt, command: before.command });
    }
    return before;
  }

  #now(): number {
    return (this.#run?.scheduler.now() ?? 0) - this.#startedAt;
  }

  #holdBegins(hook: string, event: string): () => void {
    const t = this.#now();
    const hold = { hook, t };
    this.#openHolds.set(hold, hold);
    return () => {
      this.#openHolds.delete(hold);
      const now = this.#now();
      const ms = now - t;
      if (ms < SHORTEST_HOLD_MS || !this.#budget.take(now)) {
        this.#blocks.addShortHold(ms);
        return;
      }
      this.#blocks.close(t);
      this.#writer.add({ kind: 'hold', t, ms, hook, event, step: this.#blocks.globalStep });
      this.#blocks.resume(now);
    };
  }

  #writeSome(event: RecordedEvent): void {
    if (!this.#budget.take(event.t)) {
      this.#blocks.omitted++;
      return;
    }
    this.#blocks.close(event.t);
    this.#writer.add(event);
  }

  #writeCosts(): void {
    const costs = this.#costs?.take();
    if (costs === undefined) return;
    this.#costsAt = this.#now();
    this.#writer.add({ kind: 'hookCosts', t: this.#costsAt, ...costs });
  }

  #tickLater(): void {
    this.#timer = this.#run?.scheduler.schedule(() => {
      this.#writer.attempt(() => {
        const now = this.#now();
        this.#blocks.close(now);
        if (now - this.#costsAt >= Math.max(SHORTEST_COSTS_MS, now / COSTS_PER_RUN_TIME)) this.#writeCosts();
        if (now - this.#heartbeatAt >= this.#settings.heartbeatSeconds * 1000) this.#beat();
        else this.#writer.flush();
      });
      if (this.#writer.files !== undefined) this.#tickLater();
    }, FLUSH_MS);
  }

  /** Events first: the record never knows more than they do. */
  #beat(): void {
    this.#writer.flush();
    const now = this.#now();
    this.#heartbeatAt = now;
    const [hold] = this.#openHolds.values();
    const holding = hold === undefined ? undefined : { hook: hold.hook, ms: now - hold.t };
    const { globalStep, metrics } = this.#blocks;
    this.#writer.files?.replaceRecord(
      this.#status.record(globalStep, metrics, holding),
      this.#settings.processes.self().token,
    );
  }
}
