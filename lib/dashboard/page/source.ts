import { type Timeline, type TimelineView, timelineView, windowOfSteps } from '../../index.js';
import type { RunDetails, RunsAnswer, ScalarsAnswer } from '../server/answer.js';

/** Histograms of one tag, oldest first. */
export interface HistogramsAnswer {
  readonly points: readonly {
    readonly step: number;
    readonly buckets: readonly (readonly [number, number, number])[];
  }[];
}

export interface ImagesAnswer {
  readonly points: readonly {
    readonly step: number;
    readonly width: number;
    readonly height: number;
    readonly count: number;
  }[];
}

export interface TextsAnswer {
  readonly points: readonly { readonly step: number; readonly texts: readonly string[] }[];
}

/** What a page of its own brings along, instead of a server. */
export interface Embedded {
  readonly runs: RunsAnswer;
  readonly details: readonly RunDetails[];
  readonly timelines: readonly (readonly [run: string, timeline: Timeline])[];
  readonly scalars: readonly ScalarsAnswer[];
  readonly histograms: readonly (readonly [tag: string, answer: HistogramsAnswer])[];
  readonly texts: readonly (readonly [tag: string, answer: TextsAnswer])[];
  readonly images: readonly (readonly [tag: string, answer: ImagesAnswer, urls: readonly (readonly string[])[]])[];
}

export interface TimelineQuery {
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Global steps to look at, instead of times. */
  readonly steps?: readonly [number, number] | undefined;
  readonly columns: number;
}

/** Where the page has its data from: a server, or the page itself. */
export interface Source {
  readonly isLive: boolean;
  runs(search: string, offset: number): Promise<RunsAnswer>;
  run(id: string): Promise<RunDetails>;
  scalars(runs: readonly string[], tag: string, from: number, to: number, points: number): Promise<ScalarsAnswer>;
  timeline(run: string, query: TimelineQuery): Promise<TimelineView>;
  histograms(run: string, tag: string): Promise<HistogramsAnswer>;
  images(run: string, tag: string): Promise<ImagesAnswer>;
  imageUrl(run: string, tag: string, point: number, step: number, index: number): string;
  texts(run: string, tag: string): Promise<TextsAnswer>;
}

async function ask<T>(
  path: string,
  query: Readonly<Record<string, string | number | readonly string[] | undefined>>,
): Promise<T> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const each of value) search.append(name, each);
    else if (value !== undefined) search.set(name, String(value));
  }
  const response = await fetch(`/api/${path}?${search}`);
  if (!response.ok) throw new Error((await response.text()).trim());
  return (await response.json()) as T;
}

const server: Source = {
  isLive: true,
  runs: (search, offset) => ask('runs', { search, offset }),
  run: (run) => ask('run', { run }),
  scalars: (runs, tag, from, to, points) =>
    ask('scalars', {
      run: runs,
      tag,
      points,
      from: Number.isFinite(from) ? from : undefined,
      to: Number.isFinite(to) ? to : undefined,
    }),
  timeline: (run, { since, until, steps, columns }) =>
    ask('timeline', { run, since, until, fromStep: steps?.[0], toStep: steps?.[1], columns }),
  histograms: (run, tag) => ask('histograms', { run, tag }),
  images: (run, tag) => ask('images', { run, tag }),
  imageUrl: (run, tag, _point, step, index) =>
    `/api/image?${new URLSearchParams({ run, tag, step: String(step), index: String(index) })}`,
  texts: (run, tag) => ask('texts', { run, tag }),
};

function ofPage(embedded: Embedded): Source {
  const found = <T>(value: T | undefined): Promise<T> =>
    value === undefined ? Promise.reject(new Error('this page does not have it')) : Promise.resolve(value);
  const byTag = <T extends readonly [string, ...unknown[]]>(list: readonly T[], tag: string): T | undefined =>
    list.find(([name]) => name === tag);
  return {
    isLive: false,
    runs: () => found(embedded.runs),
    run: (id) => found(embedded.details.find((run) => run.id === id)),
    scalars(_runs, tag, from, to) {
      const answer = embedded.scalars.find((each) => each.tag === tag);
      if (answer === undefined) return found<ScalarsAnswer>(undefined);
      const series = answer.series.map((each) => {
        const kept = each.steps.flatMap((step, i) => (step >= from && step <= to ? [i] : []));
        const pick = (column: readonly number[]): number[] => kept.map((i) => column[i] as number);
        return { ...each, steps: pick(each.steps), walls: pick(each.walls), values: pick(each.values) };
      });
      return found({ ...answer, series });
    },
    timeline(run, { since = 0, until, steps, columns }) {
      const timeline = byTag(embedded.timelines, run)?.[1];
      if (timeline === undefined) return found<TimelineView>(undefined);
      if (steps !== undefined) return found(timelineView(timeline, { ...windowOfSteps(timeline, ...steps), columns }));
      return found(timelineView(timeline, { since, until: until ?? Math.max(1, timeline.durationMs), columns }));
    },
    histograms: (_run, tag) => found(byTag(embedded.histograms, tag)?.[1]),
    images: (_run, tag) => found(byTag(embedded.images, tag)?.[1]),
    imageUrl: (_run, tag, point, _step, index) => byTag(embedded.images, tag)?.[2][point]?.[index] ?? '',
    texts: (_run, tag) => found(byTag(embedded.texts, tag)?.[1]),
  };
}

const embedded = document.getElementById('tidemark-data')?.textContent;

export const source: Source = embedded == null ? server : ofPage(JSON.parse(embedded) as Embedded);

/** Shows the token of the address once; from then on a cookie does, and the address is one that can be passed on. */
export async function signIn(): Promise<void> {
  const token = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (token === undefined || !source.isLive) return;
  await fetch('/api/session', { headers: { authorization: `Bearer ${token}` } });
  history.replaceState(null, '', location.pathname);
}
