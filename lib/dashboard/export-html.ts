import { createHash } from 'node:crypto';
import type { Timeline } from '../index.js';
import { RunLibrary } from './data/run-library.js';
import { Answers } from './server/answers.js';
import { loadPageAssets } from './server/page-assets.js';

export interface ExportHtmlOptions {
  /** How many points of each scalar are kept. @default 4000 */
  readonly points?: number | undefined;
  /** Where the built page is. @default in the package */
  readonly pageFolder?: string | undefined;
}

const MOST_TAGS = 500;
const MOST_IMAGE_TAGS = 20;
const MOST_BLOCKS = 6000;

/**
 * One page with all that the dashboard shows of a run, which needs no server and asks nothing of a network.
 *
 * @param root the folder of runs
 * @param id the run's path below it; `.` for the folder itself
 * @throws RangeError if there is no such run
 */
export async function exportHtml(root: string, id: string, options: ExportHtmlOptions = {}): Promise<string> {
  const { points = 4000, pageFolder } = options;
  const library = new RunLibrary(root);
  const data = library.open(id);
  const run = library.runs().get(id);
  if (data === undefined || run === undefined)
    throw new RangeError(`exportHtml(id): there is no run "${id}" in ${root}`);
  do data.refresh(5000);
  while (!data.isComplete);
  const answers = new Answers(library);
  const ask = (query: Readonly<Record<string, string>>): URLSearchParams => new URLSearchParams({ run: id, ...query });
  const details = await answers.run(ask({}));
  const { tags } = details;
  const embedded = {
    runs: { total: 1, offset: 0, runs: answers.runs(new URLSearchParams()).runs.filter((each) => each.id === id) },
    details: [details],
    timelines: [[id, thinned(data.timeline())]],
    scalars: tags.scalars.slice(0, MOST_TAGS).map((tag) => answers.scalars(ask({ tag, points: String(points) }))),
    histograms: tags.histograms.slice(0, MOST_TAGS).map((tag) => [tag, answers.histograms(ask({ tag }))]),
    texts: tags.texts.slice(0, MOST_TAGS).map((tag) => [tag, answers.texts(ask({ tag }))]),
    images: tags.images
      .slice(0, MOST_IMAGE_TAGS)
      .map((tag) => [tag, answers.images(ask({ tag })), imageUrls(data, tag)]),
  };
  return pageOf(
    JSON.stringify(embedded, (_, value) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    ),
    pageFolder,
  );
}

function pageOf(json: string, pageFolder: string | undefined): string {
  const { html, script, style } = loadPageAssets(pageFolder);
  // What closes an element in the middle of a text would close it here.
  const code = script.replaceAll('</script', '<\\/script');
  // A picture of nothing inside a script is markup to nobody, but `<` is what every way out begins with.
  const data = json.replaceAll('<', '\\u003c');
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = `default-src 'none'; script-src ${hash(code)}; style-src ${hash(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
  return html
    .replace(
      '<meta charset="utf-8">',
      () => `<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    )
    .replace('<link rel="stylesheet" href="/app.css">', () => `<style>${style}</style>`)
    .replace(
      '<script src="/app.js"></script>',
      () => `<script type="application/json" id="tidemark-data">${data}</script>\n<script>${code}</script>`,
    );
}

function imageUrls(data: ReturnType<RunLibrary['open']>, tag: string): readonly (readonly string[])[] {
  const entries = data?.summaries.images.get(tag)?.entries ?? [];
  return entries.map(({ images }) =>
    images.map((image) => `data:image/png;base64,${Buffer.from(image).toString('base64')}`),
  );
}

/** Neighbouring stretches of steps as one, until they are few enough; every step stays counted. */
function thinned(timeline: Timeline): Timeline {
  const { since, until, from, to, count } = timeline.blocks;
  const size = Math.ceil(since.length / MOST_BLOCKS);
  if (size <= 1) return timeline;
  const blocks = {
    since: [] as number[],
    until: [] as number[],
    from: [] as number[],
    to: [] as number[],
    count: [] as number[],
  };
  for (let i = 0; i < since.length; i += size) {
    const last = Math.min(since.length, i + size) - 1;
    blocks.since.push(since[i] as number);
    blocks.until.push(until[last] as number);
    blocks.from.push(from[i] as number);
    blocks.to.push(to[last] as number);
    blocks.count.push(count.slice(i, last + 1).reduce((sum, each) => sum + each, 0));
  }
  return { ...timeline, blocks };
}
