import { defaultIfEmpty, forkJoin, from, merge, type ObservableInput, of, takeLast, tap } from 'rxjs';
import {
  type BeforeStepEvent,
  type BeginEvent,
  type EndEvent,
  runOf,
  type SessionCreatedEvent,
  type StepEvent,
} from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import { isPending } from '../../session/is-pending.js';
import { type SummaryInput, summaryBatch } from '../../summary/summary-batch.js';
import type { OpenSummarySink, SummaryFault, SummarySink } from '../../summary/summary-sink.js';
import type { Trigger } from '../../trigger/trigger.js';
import type { HookActions, HookOutput } from '../hook.js';
import { Schedule } from '../schedule.js';
import { SummaryEvent, SummaryFailedEvent } from './summary-event.js';
import type { SummarySource } from './summary-source.js';

export interface ActiveSummarySaverOptions<O> {
  readonly sinks: readonly SummarySink[];
  readonly sources: readonly SummarySource<O>[];
  readonly trigger: Trigger<O>;
  readonly isFatal: boolean;
  readonly output: HookOutput<SummaryEvent | SummaryFailedEvent>;
}

type Sources<O> = readonly SummarySource<O>[];

const PLACE = 'summarySaver(values)';
const START_STEP = 0;
/** How many savers a run has, to tell their parts apart. */
const savers = new WeakMap<object, number>();

/** A summary saver in one run. */
export class ActiveSummarySaver<O> implements HookActions<O> {
  readonly #options: ActiveSummarySaverOptions<O>;
  readonly #sources: Sources<O>;
  readonly #schedule: Schedule<O>;
  #open: readonly OpenSummarySink[] | undefined;
  #globalStep = 0;
  /** Whether the step that goes on was asked for the fetches. */
  protected isRequested = false;
  /** Those whose fetches had not been requested when the trigger fired: it is their turn after the next step. */
  #owed: Sources<O> = [];
  #wakeStep = 0;
  #fail: ((error: unknown) => void) | undefined;
  #lastFiringSeconds: number | undefined;
  #fired: { readonly at: number; readonly globalStep: number } | undefined;

  constructor(options: ActiveSummarySaverOptions<O>) {
    this.#options = options;
    this.#sources = options.sources.map((source) => source.forRun?.() ?? source);
    this.#schedule = new Schedule(options.trigger);
  }

  begin(event: BeginEvent): void {
    for (const source of this.#sources) source.begin?.(event);
    const run = runOf(event);
    const nth = savers.get(run) ?? 0;
    savers.set(run, nth + 1);
    // A part without state, which adds nothing to a checkpoint: its capture tells of a save before any of it is written.
    event.track(`summaries${nth}`, {
      capture: () => {
        for (const sink of this.#open ?? []) void sink.flush();
        return { tensors: new Map() };
      },
      restore() {},
    });
  }

  sessionCreated(event: SessionCreatedEvent): void {
    const { globalStep, attempt } = event;
    this.#fail = (error) => event.fail(error);
    this.#globalStep = globalStep;
    this.#fired = undefined;
    this.#owed = [];
    this.#wakeStep = 0;
    this.#schedule.start(event);
    const isFirst = this.#open === undefined;
    this.#open ??= this.#openSinks(event);
    for (const sink of this.#open) sink.start(globalStep, attempt);
    if (!isFirst) return;
    for (const source of this.#sources) {
      const graph = source.graphDef?.(event);
      if (graph !== undefined) for (const sink of this.#open) sink.graph(graph);
    }
    this.#write(
      START_STEP,
      this.#sources.map((source) => source.atStart?.(event)),
    );
  }

  step(event: StepEvent<unknown, O>): void {
    const { output } = this.#options;
    this.#globalStep = event.globalStep;
    const owed = this.#owed;
    if (this.#schedule.isDueAt(event)) this.#fire(event, this.#sources);
    else if (owed.length > 0) this.#draw(event, owed);
    if (this.#owed === owed) this.#owed = [];
    this.isRequested = false;
    const wakeStep = this.#owed.length > 0 ? 0 : this.#schedule.nextStep;
    if (wakeStep !== this.#wakeStep) output.sleepUntil(wakeStep);
    this.#wakeStep = wakeStep;
  }

  end(event: EndEvent): void {
    this.#write(
      event.globalStep,
      this.#sources.map((source) => source.atEnd?.(event)),
    );
    const work = (this.#open ?? []).map((sink) => sink.flush()).filter((flushing) => flushing !== undefined);
    if (work.length > 0) event.waitUntil(merge(...work));
  }

  hookEvent(event: HookEvent): void {
    const globalStep = 'globalStep' in event && typeof event.globalStep === 'number' ? event.globalStep : undefined;
    for (const source of this.#sources) {
      const input = source.onHookEvent?.(event);
      if (input !== undefined) this.#write(globalStep ?? this.#globalStep, [input]);
    }
  }

  complete(): void {
    this.#close();
  }

  error(error: unknown): void {
    this.#write(
      this.#globalStep,
      this.#sources.map((source) => source.atFailure?.(error)),
    );
    this.#close();
  }

  teardown(): void {
    this.#close();
  }

  /** Whether the step after `globalStep` may be one on which it draws, for all that is known. */
  protected mayDrawAfter(globalStep: number): boolean {
    if (this.#owed.length > 0) return true;
    return this.#options.trigger.nextStep !== undefined && globalStep + 1 >= this.#schedule.nextStep;
  }

  #fire(event: StepEvent<unknown, O>, sources: Sources<O>): void {
    const startedAt = event.scheduler.now();
    const ready = this.isRequested ? sources : sources.filter(({ fetches = [] }) => fetches.length === 0);
    if (ready.length < sources.length) this.#owed = sources.filter((source) => !ready.includes(source));
    this.#draw(event, ready);
    this.#fired = { at: startedAt, globalStep: event.globalStep };
    this.#lastFiringSeconds = (event.scheduler.now() - startedAt) / 1000;
  }

  #draw(event: StepEvent<unknown, O>, sources: Sources<O>): void {
    const { globalStep, scheduler } = event;
    const fired = this.#fired;
    const moment = {
      lastFiringSeconds: this.#lastFiringSeconds,
      since:
        fired === undefined
          ? undefined
          : { seconds: (scheduler.now() - fired.at) / 1000, steps: globalStep - fired.globalStep },
    };
    const results = sources.map((source) => source.values?.(event, moment));
    if (!results.some(isPending)) {
      this.#write(globalStep, results as SummaryInput[]);
      return;
    }
    const inputs = results.map(settled);
    event.waitUntil(forkJoin(inputs).pipe(tap((settledInputs) => this.#write(globalStep, settledInputs))));
  }

  #write(globalStep: number, inputs: readonly SummaryInput[]): void {
    const batch = summaryBatch(PLACE, inputs);
    if (batch.scalars.size === 0 && batch.values.length === 0) return;
    for (const sink of this.#open ?? []) sink.write(globalStep, batch);
    this.#options.output.emit(new SummaryEvent(globalStep, batch));
  }

  #openSinks(event: SessionCreatedEvent): readonly OpenSummarySink[] {
    const { logger, scheduler } = event;
    const run = { identity: runOf(event), logger, scheduler, onFault: (fault: SummaryFault) => this.#tell(fault) };
    const open: OpenSummarySink[] = [];
    try {
      for (const sink of this.#options.sinks) open.push(sink.open(run));
    } catch (error) {
      for (const sink of open) sink.close();
      throw error;
    }
    return open;
  }

  #tell(fault: SummaryFault): void {
    this.#options.output.emit(new SummaryFailedEvent(fault));
    if (this.#options.isFatal) this.#fail?.(fault.error);
  }

  #close(): void {
    this.#schedule.stop();
    for (const sink of this.#open ?? []) sink.close();
    this.#open = [];
  }
}

/** A saver that asks steps for fetches, and so is told of each step before it is taken. */
export class AskingSummarySaver<O> extends ActiveSummarySaver<O> {
  readonly #fetches: readonly string[];

  constructor(options: ActiveSummarySaverOptions<O>) {
    super(options);
    this.#fetches = [...new Set(options.sources.flatMap(({ fetches = [] }) => fetches))];
  }

  beforeStep(event: BeforeStepEvent): void {
    if (!this.mayDrawAfter(event.globalStep)) return;
    event.request(...this.#fetches);
    this.isRequested = true;
  }
}

function settled(result: SummaryInput | ObservableInput<SummaryInput>): ObservableInput<SummaryInput> {
  return isPending(result) ? from(result).pipe(takeLast(1), defaultIfEmpty(undefined)) : of(result);
}
