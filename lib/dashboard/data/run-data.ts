import { lastValueFrom } from 'rxjs';
import {
  CodedError,
  type FoundCheckpoint,
  findCheckpoints,
  safetensors,
  type Timeline,
  tensorBundle,
} from '../../index.js';
import {
  buildTimeline,
  EventLogReader,
  eventFilesAmong,
  type FileSystem,
  fileStore,
  type RecordedEvent,
  type RunSummary,
  readRunRecord,
} from '../../node.js';
import { fileSource } from './file-source.js';
import { type HookTime, HookTimes } from './hook-times.js';
import type { CatalogedRun } from './run-catalog.js';
import { RunSummaries } from './run-summaries.js';
import { followSave, type SaveInFlight } from './save-in-flight.js';
import { ScalarSeries } from './scalar-series.js';

const MOST_FAULTS = 20;
const MOST_RECORDED = 500;
const MOST_FILE_BYTES = 2 ** 40;

interface OpenLog {
  readonly name: string;
  readonly reader: EventLogReader;
  readonly events: RecordedEvent[];
}

/** All that is shown of one run, read on as its files grow. Nothing is written, and no lock is taken. */
export class RunData {
  readonly summaries = new RunSummaries();
  readonly #run: CatalogedRun;
  readonly #fs: FileSystem;
  readonly #offsets = new Map<string, number>();
  readonly #logs: OpenLog[] = [];
  readonly #recorded = new Map<string, ScalarSeries>();
  readonly #faults: string[] = [];
  #summary: RunSummary | undefined;
  #timeline:
    | { readonly eventCount: number; readonly state: string | undefined; readonly timeline: Timeline }
    | undefined;
  readonly #hookTimes = new HookTimes();
  #saveInFlight: SaveInFlight | undefined;
  #isComplete = true;

  constructor(run: CatalogedRun, fs: FileSystem) {
    this.#run = run;
    this.#fs = fs;
  }

  get summary(): RunSummary | undefined {
    return this.#summary;
  }

  get faults(): readonly string[] {
    return [...this.#faults, ...this.#logs.flatMap(({ reader }) => reader.faults)].slice(0, MOST_FAULTS);
  }

  /** Whether all that is there was read; a long run is read a piece at a time. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Reads what has come since, for about `milliseconds`. */
  refresh(milliseconds: number): void {
    const until = performance.now() + milliseconds;
    this.#isComplete = true;
    try {
      this.#summary = readRunRecord(this.#run.folder, { fileSystem: this.#fs });
    } catch (error) {
      this.#fault(error);
    }
    this.#readLogs(until);
    this.#readSummaries(until);
  }

  /** By tag: those of event files, and the numbers that the recorder noted where there are none of that name. */
  scalars(): ReadonlyMap<string, ScalarSeries> {
    if (this.#recorded.size === 0) return this.summaries.scalars;
    return new Map([...this.#recorded, ...this.summaries.scalars]);
  }

  timeline(): Timeline {
    const eventCount = this.#logs.reduce((sum, { events }) => sum + events.length, 0);
    const state = this.#summary?.state;
    if (this.#timeline?.eventCount !== eventCount || this.#timeline.state !== state) {
      const timeline = buildTimeline({ summary: this.#summary, logs: this.#logs, faults: [] });
      this.#timeline = { eventCount, state, timeline };
    }
    return this.#timeline.timeline;
  }

  /** What hooks took of the loop's time, those that took most first. */
  hooks(): readonly HookTime[] {
    return this.#hookTimes.list();
  }

  /** The save that goes on, if the run does. */
  get saveInFlight(): SaveInFlight | undefined {
    return this.#summary?.state === 'running' ? this.#saveInFlight : undefined;
  }

  async checkpoints(): Promise<readonly ShownCheckpoint[]> {
    const recorded = new Map(this.#summary?.record.checkpoints.map((each) => [each.prefix, each]));
    const found = new Map<string, FoundCheckpoint>();
    for (const folder of [this.#run.folder, `${this.#run.folder}/checkpoints`]) {
      if (this.#fs.stat(folder) !== 'folder') continue;
      const store = fileStore(folder, { fileSystem: this.#fs });
      try {
        for (const each of await lastValueFrom(findCheckpoints(store, [tensorBundle(), safetensors()]))) {
          found.set(each.prefix, each);
        }
      } catch (error) {
        this.#fault(error);
      }
    }
    return [...found.values()].map(({ prefix, globalStep, savedAt, sizeBytes, metrics }) => ({
      prefix,
      globalStep,
      savedAt,
      sizeBytes,
      metrics: [...metrics],
      reason: recorded.get(prefix)?.reason,
    }));
  }

  #readLogs(until: number): void {
    const { folder } = this.#run;
    try {
      for (const name of eventFilesAmong(this.#fs.readdir(folder))) {
        if (this.#logs.some((log) => log.name === name)) continue;
        this.#logs.push({ name, reader: new EventLogReader(this.#fs, folder, name), events: [] });
      }
      for (const log of this.#logs) {
        for (let more = log.reader.read(); more.length > 0; more = log.reader.read()) {
          for (const event of more) {
            log.events.push(event);
            this.#note(event, log);
          }
          if (performance.now() > until) {
            this.#isComplete = false;
            return;
          }
        }
      }
    } catch (error) {
      this.#fault(error);
    }
  }

  #note(event: RecordedEvent, log: OpenLog): void {
    const begin = log.events[0];
    const wall = ((begin?.kind === 'begin' ? Date.parse(begin.at) : 0) + event.t) / 1000;
    if (event.kind === 'steps' && event.metrics !== undefined) {
      for (const [name, value] of event.metrics) this.#addRecorded(name, event.to, wall, value);
    } else if (event.kind === 'hookEvent' && event.type === 'metrics') {
      const source = event.data?.get('source');
      for (const [name, value] of event.data ?? []) {
        if (typeof value === 'number') this.#addRecorded(`${source}/${name}`, event.step, wall, value);
      }
    } else if (event.kind === 'sessionCreated') {
      for (const series of this.#recorded.values()) series.dropFrom(event.step + 1);
    }
    this.#hookTimes.note(event);
    this.#saveInFlight = followSave(this.#saveInFlight, event);
  }

  #addRecorded(name: string, step: number, wall: number, value: number): void {
    let series = this.#recorded.get(name);
    if (series === undefined) {
      if (this.#recorded.size >= MOST_RECORDED) return;
      series = new ScalarSeries();
      this.#recorded.set(name, series);
    }
    series.add(step, wall, value);
  }

  #readSummaries(until: number): void {
    for (const folder of this.#run.eventFolders) {
      let names: string[] = [];
      try {
        names = this.#fs
          .readdir(folder)
          .filter((name) => /tfevents/.test(name))
          .sort();
      } catch (error) {
        this.#fault(error);
      }
      const below = folder.slice(this.#run.folder.length + 1).replaceAll('\\', '/');
      for (const name of names) {
        if (!this.#readFile(`${folder}/${name}`, name, below === '' ? '' : `${below}/`, until)) return;
      }
    }
  }

  /** Whether there is time left. */
  #readFile(path: string, name: string, prefix: string, until: number): boolean {
    let file: number | undefined;
    try {
      file = this.#fs.openRead(path);
      const source = fileSource(this.#fs, file, name);
      const offset = this.#offsets.get(path) ?? 0;
      if (offset >= source.sizeBytes) return true;
      const left = until - performance.now();
      if (left <= 0) {
        this.#isComplete = false;
        return false;
      }
      const end = this.summaries.read(source, prefix, offset, left);
      this.#offsets.set(path, end);
      if (end < source.sizeBytes && performance.now() >= until) this.#isComplete = false;
      return this.#isComplete;
    } catch (error) {
      this.#fault(error);
      // A damaged file is read no further.
      this.#offsets.set(path, MOST_FILE_BYTES);
      return true;
    } finally {
      if (file !== undefined) this.#fs.close(file);
    }
  }

  #fault(error: unknown): void {
    const text = error instanceof CodedError ? error.message : `a file cannot be read (${codeOf(error)})`;
    if (this.#faults.length < MOST_FAULTS && !this.#faults.includes(text)) this.#faults.push(text);
  }
}

/** A checkpoint that is on disk. */
export interface ShownCheckpoint {
  readonly prefix: string;
  readonly globalStep: number;
  readonly savedAt: number;
  readonly sizeBytes: number;
  readonly metrics: readonly (readonly [string, number])[];
  /** Why it is kept, where the run said so. */
  readonly reason: string | undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
