import { catchError, concat, concatMap, defer, EMPTY, from, type Observable, tap } from 'rxjs';
import { type BeginEvent, runOf, type SessionCreatedEvent, type SessionEvent, StepEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import type { HookWatch, RunControl } from '../../session/run-control.js';
import type { Trigger } from '../../trigger/trigger.js';
import type { HookActions, HookOutput } from '../hook.js';
import { Schedule } from '../schedule.js';
import type { CpuProfiler } from './cpu-profiler.js';
import type { ProfileSink } from './profile-sink.js';
import { StepProfile } from './step-profile.js';
import { StepProfiledEvent } from './step-profiled-event.js';

interface Settings {
  readonly sink: ProfileSink;
  readonly trigger: Trigger;
  readonly cpuProfiler: CpuProfiler | undefined;
  readonly output: HookOutput<StepProfiledEvent>;
}

/** The profiler in one run. It watches the hooks only while it profiles. */
export class ActiveProfiler implements HookActions, HookWatch {
  readonly #settings: Settings;
  readonly #schedule: Schedule;
  #run!: RunControl;
  /** The last step that the trigger was asked about. */
  #asked = 0;
  #isNextDue = false;
  #profile: StepProfile | undefined;
  #isSampling = false;
  #unwatch: (() => void) | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#schedule = new Schedule(settings.trigger);
  }

  begin(event: BeginEvent): void {
    this.#run = runOf(event);
  }

  sessionCreated(event: SessionCreatedEvent): void {
    this.#abandon();
    // As in TensorFlow, the time counts from where the session begins: its first step is not of the usual kind.
    this.#schedule.startFired(event);
    this.#asked = event.globalStep;
    this.#settings.output.sleepUntil(this.#schedule.nextStep - 1);
  }

  step(event: StepEvent): void {
    const advance = Math.max(1, event.globalStep - event.previousGlobalStep);
    this.#isNextDue = this.#isDueAt(event, event.globalStep + advance);
    if (this.#profile !== undefined) return;
    if (this.#isNextDue) this.#start();
    else this.#settings.output.sleepUntil(this.#schedule.nextStep - advance);
  }

  hookEvent(event: HookEvent): void {
    this.#profile?.heard(event);
  }

  teardown(): void {
    this.#abandon();
    this.#schedule.stop();
  }

  /** Whether the step is due that is expected to lead to `globalStep`: about each global step it is asked once. */
  #isDueAt(event: StepEvent, globalStep: number): boolean {
    if (globalStep <= this.#asked) return false;
    const expected = new StepEvent(this.#run, event.state, globalStep, this.#asked, undefined);
    this.#asked = globalStep;
    return this.#schedule.isDueAt(expected);
  }

  // ---- while a step is profiled

  reached(event: SessionEvent): void {
    if (this.#profile?.globalStep === undefined || event.type === 'step') {
      if (event.type === 'end') this.#abandon();
      else this.#profile?.reached(event);
      return;
    }
    const { endedAt } = this.#profile;
    this.#finish(event);
    if (event.type !== 'beforeStep') return;
    if (this.#isNextDue) {
      this.#start(endedAt);
      this.#profile?.reached(event);
    } else {
      this.#settings.output.sleepUntil(this.#schedule.nextStep - 1);
    }
  }

  acts(hook: string, event: SessionEvent): () => void {
    return this.#profile?.acts(hook, event) ?? (() => {});
  }

  #start(since?: number): void {
    const { scheduler } = this.#run;
    this.#isNextDue = false;
    this.#startSampling();
    const profile = new StepProfile(() => scheduler.now(), since);
    this.#profile = profile;
    const unwatchHooks = this.#run.watchHooks?.(this);
    const unwatchHolds = this.#run.watchHolds?.((hook, event) => profile.holds(hook, event));
    this.#unwatch = () => {
      unwatchHooks?.();
      unwatchHolds?.();
    };
  }

  #finish(event: SessionEvent): void {
    const profile = this.#profile;
    if (profile?.globalStep === undefined) return;
    const sampled = this.#stop();
    const { sink, output } = this.#settings;
    const { globalStep, seconds } = profile;
    const names: string[] = [];
    const write = (name: string, text: string): Observable<unknown> =>
      from(sink.write(name, text)).pipe(tap({ complete: () => names.push(name) }));
    const all = concat(
      defer(() => write(`timeline-${globalStep}.json`, profile.encode())),
      sampled.pipe(concatMap((text) => write(`timeline-${globalStep}.cpuprofile`, text))),
    ).pipe(
      catchError((error: unknown) => {
        this.#run.logger.warn({ err: error, globalStep }, 'the profile of a step could not be written');
        return EMPTY;
      }),
      tap({ complete: () => names.length > 0 && output.emit(new StepProfiledEvent(globalStep, names, seconds)) }),
    );
    event.coordinator.register('profiler', all);
  }

  /** Ends the profile without a word. */
  #abandon(): void {
    if (this.#profile !== undefined) this.#stop().subscribe({ error: () => {} });
  }

  /** Looks no more; what was sampled. */
  #stop(): Observable<string> {
    this.#profile = undefined;
    this.#unwatch?.();
    const { cpuProfiler } = this.#settings;
    if (!this.#isSampling || cpuProfiler === undefined) return EMPTY;
    this.#isSampling = false;
    try {
      return from(cpuProfiler.stop());
    } catch (error) {
      this.#run.logger.warn({ err: error }, 'the CPU profiler failed');
      return EMPTY;
    }
  }

  #startSampling(): void {
    const { cpuProfiler } = this.#settings;
    if (cpuProfiler === undefined) return;
    try {
      cpuProfiler.start();
      this.#isSampling = true;
    } catch (error) {
      this.#run.logger.warn({ err: error }, 'the CPU profiler cannot start');
    }
  }
}
