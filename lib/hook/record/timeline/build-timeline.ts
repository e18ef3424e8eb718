import { writtenShare } from '../../../checkpoint/write-progress.js';
import { checkMethods } from '../../../error/check-methods.js';
import { checkObject } from '../../../error/check-object.js';
import type { EventLog, RecordedRun } from '../read-run.js';
import type { RecordedError, RecordedEvent } from '../recorded-event.js';
import type { Timeline, TimelineItem, TimelinePhase } from './timeline.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface OpenSave {
  readonly since: number;
  readonly step: number;
  readonly phases: TimelinePhase[];
  /** How far it is, as far as that was told. */
  label: string;
}

/** What was recorded of a run, laid out in lanes. Processes follow one another by the clock of their records. */
export function buildTimeline(run: RecordedRun): Timeline {
  checkObject('buildTimeline(run)', 'one that readRecordedRun(folder) gives', run);
  checkMethods('buildTimeline(run)', 'one that readRecordedRun(folder) gives', run.logs, ['entries']);
  const building = new Building();
  for (const [i, log] of run.logs.entries()) {
    const isLast = i === run.logs.length - 1;
    building.addLog(log, isLast ? (run.summary?.state ?? 'crashed') : 'crashed');
  }
  return building.finish(run.summary?.record.startedAt ?? '');
}

class Building {
  readonly #blocks = {
    since: [] as number[],
    until: [] as number[],
    from: [] as number[],
    to: [] as number[],
    count: [] as number[],
  };
  readonly #items: Writable<TimelineItem>[] = [];
  #startedAt: string | undefined;
  #offset = 0;
  #end = 0;
  #step = 0;
  #saves = new Map<number, OpenSave>();

  /** @param stateIfOpen how the run stands if the log does not say how it ended */
  addLog(log: EventLog, stateIfOpen: string): void {
    const begin = log.events[0]?.kind === 'begin' ? log.events[0] : undefined;
    this.#startedAt ??= begin?.at;
    // A wall clock may have been set back in between; a process that came later is later all the same.
    const offset = begin === undefined ? this.#end : Date.parse(begin.at) - Date.parse(this.#startedAt ?? begin.at);
    this.#offset = Math.max(Number.isFinite(offset) ? offset : 0, this.#end);
    this.#end = this.#offset;
    const since = this.#offset;
    let isConcluded = false;
    for (const event of log.events) {
      this.#end = Math.max(
        this.#end,
        this.#offset +
          event.t +
          ('ms' in event && event.kind !== 'afterSave' && event.kind !== 'saveProgress' ? event.ms : 0),
      );
      this.#add(event);
      isConcluded ||= event.kind === 'finished' || event.kind === 'failed' || event.kind === 'cancelled';
    }
    const isCrash = !isConcluded && stateIfOpen !== 'running';
    for (const save of this.#saves.values()) this.#closeSave(save, this.#end, isCrash ? 'cut' : 'saving', save.label);
    this.#saves.clear();
    const label = `process ${log.name}`;
    this.#items.push({ lane: 'processes', kind: 'process', since, until: this.#end, step: this.#step, label });
    if (isCrash) this.#mark('errors', 'crashed', this.#end, this.#step, `crashed after step ${this.#step}`);
  }

  finish(startedAt: string): Timeline {
    this.#items.sort((a, b) => a.since - b.since);
    return {
      startedAt: this.#startedAt ?? startedAt,
      durationMs: this.#end,
      blocks: this.#blocks,
      items: this.#items,
    };
  }

  #add(event: RecordedEvent): void {
    const at = this.#offset + event.t;
    switch (event.kind) {
      case 'begin':
        break;
      case 'steps':
        this.#blocks.since.push(this.#offset + event.since);
        this.#blocks.until.push(at);
        this.#blocks.from.push(event.from);
        this.#blocks.to.push(event.to);
        this.#blocks.count.push(event.count);
        this.#step = event.to;
        break;
      case 'sessionCreated':
        this.#step = event.step;
        this.#addSession(event, at);
        break;
      case 'hold':
        this.#span('holds', 'hold', at, event.ms, event.step, event.hook);
        break;
      case 'stall':
        this.#span('stalls', 'stall', at, event.ms, event.step, 'no step finished');
        break;
      case 'firing':
        this.#mark('events', 'firing', at, event.step, event.trigger);
        break;
      case 'hookEvent':
        this.#addHookEvent(event, at);
        break;
      case 'beforeSave':
        this.#saves.set(event.step, { since: at, step: event.step, phases: [{ letter: 'b', at }], label: '' });
        break;
      case 'snapshotTaken':
        this.#saves.get(event.step)?.phases.push({ letter: 's', at }, { letter: 'w', at });
        break;
      case 'saveProgress':
        this.#addProgress(event);
        break;
      case 'afterSave':
        this.#endSave(event.step, at, 'saved', 'a', `${event.prefix}, ${event.sizeBytes} bytes`, event.ms);
        break;
      case 'saveFailed':
        this.#endSave(event.step, at, 'saveFailed', 'x', textOf(event.error));
        this.#mark('errors', 'saveFailed', at, event.step, textOf(event.error));
        break;
      case 'saveSkipped':
        this.#endSave(event.step, at, 'skipped', 'k', event.reason);
        break;
      case 'checkpointDeleted':
        this.#mark('events', 'deleted', at, event.step, event.prefix);
        break;
      case 'end':
        this.#mark('events', 'end', at, event.step, event.reason ?? event.cause);
        break;
      case 'failed':
        this.#mark('errors', 'failed', at, event.step, textOf(event.error));
        break;
      case 'finished':
      case 'cancelled':
      case 'hookCosts':
        break;
      default:
        event satisfies never;
    }
  }

  #addSession(event: RecordedEvent & { readonly kind: 'sessionCreated' }, at: number): void {
    const { attempt, restored, error, step } = event;
    if (attempt > 1) {
      const from = restored === undefined ? 'from the start' : `from ${restored}`;
      this.#mark('recoveries', 'recovery', at, step, `attempt ${attempt}, ${from}`);
      if (error !== undefined) this.#mark('errors', 'recovered', at, step, textOf(error));
      return;
    }
    if (restored !== undefined) this.#mark('recoveries', 'resume', at, step, `resumed from ${restored}`);
  }

  #addHookEvent(event: RecordedEvent & { readonly kind: 'hookEvent' }, at: number): void {
    if (event.type === 'stepOverdue') {
      const seconds = event.data?.get('seconds');
      const ms = typeof seconds === 'number' && seconds >= 0 && Number.isFinite(seconds) ? seconds * 1000 : 0;
      const since = Math.max(this.#offset, at - ms);
      this.#span('stalls', 'overdue', since, at - since, event.step, `no step for ${seconds} s`);
      return;
    }
    const data = [...(event.data ?? [])].slice(0, 4).map(([name, value]) => `${name} ${value}`);
    this.#mark('events', event.type, at, event.step, data.join(', '));
  }

  #addProgress({ step, writtenBytes, sizeBytes }: RecordedEvent & { readonly kind: 'saveProgress' }): void {
    const save = this.#saves.get(step);
    if (save !== undefined) save.label = `${Math.round(100 * writtenShare(writtenBytes, sizeBytes))} % written`;
  }

  #endSave(step: number, at: number, kind: string, letter: string, label: string, ms = 0): void {
    const save = this.#saves.get(step) ?? { since: Math.max(this.#offset, at - ms), step, phases: [], label: '' };
    this.#saves.delete(step);
    save.phases.push({ letter, at });
    this.#closeSave(save, at, kind, label);
  }

  #closeSave({ since, step, phases }: OpenSave, until: number, kind: string, label: string): void {
    this.#items.push({ lane: 'saves', kind, since, until, step, label, phases });
  }

  #span(lane: TimelineItem['lane'], kind: string, since: number, ms: number, step: number, label: string): void {
    this.#items.push({ lane, kind, since, until: since + ms, step, label });
  }

  #mark(lane: TimelineItem['lane'], kind: string, at: number, step: number, label: string): void {
    this.#items.push({ lane, kind, since: at, until: at, step, label });
  }
}

function textOf({ name, message }: RecordedError): string {
  return `${name}: ${message}`.slice(0, 300);
}
