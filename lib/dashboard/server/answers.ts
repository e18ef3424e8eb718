import { timelineView, windowOfSteps } from '../../index.js';
import type { CatalogedRun } from '../data/run-catalog.js';
import type { RunData } from '../data/run-data.js';
import type { RunLibrary } from '../data/run-library.js';
import type { RunDetails, RunListing, RunsAnswer, ScalarsAnswer } from './answer.js';
import { BadRequestError } from './bad-request-error.js';

const MOST_POINTS = 10_000;
const MOST_RUNS_COMPARED = 16;
const PAGE_RUNS = 200;
const READ_MS = 120;

/** Answers questions about runs, as plain data. */
export class Answers {
  readonly #library: RunLibrary;

  constructor(library: RunLibrary) {
    this.#library = library;
  }

  /** A page of the list of runs. */
  runs(query: URLSearchParams): RunsAnswer {
    const all = [...this.#library.runs().values()];
    const offset = whole(query, 'offset', 0, 0, 1e6);
    const wanted = query.get('search')?.toLowerCase() ?? '';
    const matching = wanted === '' ? all : all.filter(({ name }) => name.toLowerCase().includes(wanted));
    const runs = matching.slice(offset, offset + PAGE_RUNS).map((run) => this.#listing(run));
    return { total: matching.length, offset, runs };
  }

  async run(query: URLSearchParams): Promise<RunDetails> {
    const { run, data } = this.#open(query);
    const { summaries, summary } = data;
    const record = summary?.record;
    return {
      ...this.#listing(run),
      record:
        record === undefined
          ? undefined
          : {
              command: record.command,
              versions: [...record.versions],
              seed: record.seed,
              retention: record.retention,
              holding: record.holding,
              processes: record.processes.map(({ pid, host, startedAt }) => ({ pid, host, startedAt })),
            },
      config: [...(record?.config ?? []), ...summaries.hparams],
      tags: {
        scalars: [...data.scalars().keys()],
        histograms: [...summaries.histograms.keys()],
        images: [...summaries.images.keys()],
        texts: [...summaries.texts.keys()],
      },
      checkpoints: await data.checkpoints(),
      hooks: data.hooks(),
      saveInFlight: data.saveInFlight,
      durationMs: data.timeline().durationMs,
      faults: data.faults,
      isComplete: data.isComplete,
    };
  }

  /** One tag of several runs. */
  scalars(query: URLSearchParams): ScalarsAnswer {
    const tag = text(query, 'tag');
    const points = whole(query, 'points', 1000, 2, MOST_POINTS);
    const [from, to] = [number(query, 'from', Number.NEGATIVE_INFINITY), number(query, 'to', Number.MAX_SAFE_INTEGER)];
    const ids = query.getAll('run').slice(0, MOST_RUNS_COMPARED);
    const each = Math.max(2, Math.floor(points));
    let isComplete = true;
    const series = ids.flatMap((id) => {
      const data = this.#library.open(id);
      if (data === undefined) return [];
      data.refresh(READ_MS / ids.length);
      isComplete &&= data.isComplete;
      const found = data.scalars().get(tag);
      return found === undefined ? [] : [{ run: id, ...found.sample(from, to, each) }];
    });
    return { tag, series, isComplete };
  }

  histograms(query: URLSearchParams): object {
    const { data } = this.#open(query);
    const tag = text(query, 'tag');
    return { tag, points: data.summaries.histograms.get(tag)?.entries ?? [] };
  }

  images(query: URLSearchParams): object {
    const { data } = this.#open(query);
    const tag = text(query, 'tag');
    const entries = data.summaries.images.get(tag)?.entries ?? [];
    return {
      tag,
      points: entries.map(({ step, wall, width, height, images }) => ({
        step,
        wall,
        width,
        height,
        count: images.length,
      })),
    };
  }

  /** The bytes of one image; `undefined` if there is none. */
  image(query: URLSearchParams): Uint8Array | undefined {
    const { data } = this.#open(query);
    const step = whole(query, 'step', 0, 0, Number.MAX_SAFE_INTEGER);
    const entries = data.summaries.images.get(text(query, 'tag'))?.entries ?? [];
    return entries.find((entry) => entry.step === step)?.images[whole(query, 'index', 0, 0, 1000)];
  }

  texts(query: URLSearchParams): object {
    const { data } = this.#open(query);
    const tag = text(query, 'tag');
    return { tag, points: data.summaries.texts.get(tag)?.entries ?? [] };
  }

  timeline(query: URLSearchParams): object {
    const { data } = this.#open(query);
    const timeline = data.timeline();
    const columns = whole(query, 'columns', 800, 10, 4000);
    if (query.has('fromStep')) {
      const fromStep = whole(query, 'fromStep', 0, 0, Number.MAX_SAFE_INTEGER);
      const toStep = whole(query, 'toStep', fromStep, fromStep, Number.MAX_SAFE_INTEGER);
      return timelineView(timeline, { ...windowOfSteps(timeline, fromStep, toStep), columns });
    }
    const since = number(query, 'since', 0);
    const until = Math.max(number(query, 'until', Math.max(1, timeline.durationMs)), since + 0.001);
    return timelineView(timeline, { since, until, columns });
  }

  #open(query: URLSearchParams): { readonly run: CatalogedRun; readonly data: RunData } {
    const id = text(query, 'run');
    const run = this.#library.runs().get(id);
    const data = this.#library.open(id);
    if (run === undefined || data === undefined) throw new BadRequestError(404, 'no such run');
    data.refresh(READ_MS);
    return { run, data };
  }

  #listing(run: CatalogedRun): RunListing {
    const summary = this.#library.summary(run);
    const record = summary?.record;
    return {
      id: run.id,
      name: run.name,
      state: summary?.state ?? 'unknown',
      step: record?.globalStep,
      totalSteps: record?.totalSteps,
      metrics: [...(record?.metrics ?? [])].slice(0, 8),
      checkpoint: record?.checkpoints.at(-1)?.prefix,
      reason: record?.error === undefined ? record?.reason : `${record.error.name}: ${record.error.message}`,
      startedAt: record?.startedAt,
      changedAt: run.changedAt,
      config: [...(record?.config ?? [])].slice(0, 32),
    };
  }
}

function text(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null || value.includes('\0')) throw new BadRequestError(400, `${name} is missing`);
  return value;
}

function number(query: URLSearchParams, name: string, otherwise: number): number {
  const value = query.get(name);
  if (value === null || value === '') return otherwise;
  if (!Number.isFinite(Number(value))) throw new BadRequestError(400, `${name} is not a number`);
  return Number(value);
}

function whole(query: URLSearchParams, name: string, otherwise: number, least: number, most: number): number {
  const value = number(query, name, otherwise);
  if (!(Number.isSafeInteger(value) && value >= least && value <= most)) {
    throw new BadRequestError(400, `${name} is not a whole number from ${least} to ${most}`);
  }
  return value;
}
