import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { bytes, count, duration, plain, shortNumber } from './format.js';
import { type HistogramsAnswer, type ImagesAnswer, source, type TextsAnswer } from './source.js';
import { details, focus, runs, shownRuns, version } from './state.js';

/** The checkpoints that are on disk, and why each is. */
export function Checkpoints() {
  const run = details.value;
  if (run === undefined) return null;
  const { checkpoints, record, holds, durationMs } = run;
  const names = [...new Set(checkpoints.flatMap(({ metrics }) => metrics.map(([name]) => name)))].slice(0, 5);
  const total = checkpoints.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return (
    <div class="columns">
      <section class="card">
        <header>
          <h2>Checkpoints</h2>
          <span class="sub">
            {count(checkpoints.length)} on disk · {bytes(total)}
            {record?.retention === undefined ? '' : ` · ${plain(record.retention)}`}
          </span>
        </header>
        {checkpoints.length === 0 ? (
          <p class="empty">No checkpoints.</p>
        ) : (
          <div class="scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col" class="right">
                    Step
                  </th>
                  <th scope="col">Name</th>
                  <th scope="col" class="right">
                    Size
                  </th>
                  <th scope="col">Saved</th>
                  {names.map((name) => (
                    <th scope="col" class="right" key={name}>
                      {plain(name, 30)}
                    </th>
                  ))}
                  <th scope="col">Kept because</th>
                </tr>
              </thead>
              <tbody>
                {[...checkpoints].reverse().map(({ prefix, globalStep, sizeBytes, savedAt, metrics, reason }) => (
                  <tr key={prefix}>
                    <td class="number right">{count(globalStep)}</td>
                    <td class="mono">{plain(prefix)}</td>
                    <td class="number right">{bytes(sizeBytes)}</td>
                    <td class="number">{savedAt > 0 ? new Date(savedAt * 1000).toLocaleTimeString() : '–'}</td>
                    {names.map((name) => (
                      <td class="number right" key={name}>
                        {shortNumber(metrics.find(([each]) => each === name)?.[1])}
                      </td>
                    ))}
                    <td class="sub">{reason ?? 'the run did not say'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      <section class="card">
        <header>
          <h2>What held the loop</h2>
          <span class="sub">
            {share(
              holds.reduce((sum, { ms }) => sum + ms, 0),
              durationMs,
            )}{' '}
            of {duration(durationMs)}
          </span>
        </header>
        {holds.length === 0 ? (
          <p class="empty">Nothing that was recorded.</p>
        ) : (
          <table>
            <thead>
              <tr>
                <th scope="col">Hook</th>
                <th scope="col" class="right">
                  Holds
                </th>
                <th scope="col" class="right">
                  Together
                </th>
                <th scope="col" class="right">
                  Longest
                </th>
                <th scope="col" class="right">
                  Share
                </th>
              </tr>
            </thead>
            <tbody>
              {holds.map(({ hook, count: holdCount, ms, longestMs }) => (
                <tr key={hook}>
                  <td>{plain(hook)}</td>
                  <td class="number right">{count(holdCount)}</td>
                  <td class="number right">{duration(ms)}</td>
                  <td class="number right">{longestMs === 0 ? '–' : duration(longestMs)}</td>
                  <td class="number right">{share(ms, durationMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </div>
  );
}

function share(part: number, whole: number): string {
  return `${((100 * part) / Math.max(1e-9, whole)).toFixed(1)} %`;
}

/** What a tag holds, loaded anew when the run changes. */
function useAnswer<T>(tag: string, load: (run: string, tag: string) => Promise<T>): T | undefined {
  const answer = useSignal<T | undefined>(undefined);
  const run = focus.value;
  useEffect(() => {
    if (run === undefined) return;
    let isCurrent = true;
    void load(run, tag).then(
      (loaded) => {
        if (isCurrent) answer.value = loaded;
      },
      () => {},
    );
    return () => {
      isCurrent = false;
    };
  }, [run, tag, version.value]);
  return answer.value;
}

function Tags({
  tags,
  none,
  children,
}: {
  readonly tags: readonly string[];
  readonly none: string;
  readonly children: (tag: string) => ComponentChildren;
}) {
  if (tags.length === 0) return <p class="empty">{none}</p>;
  return <div class="grid">{tags.slice(0, 60).map((tag) => children(tag))}</div>;
}

export function Histograms() {
  return (
    <Tags tags={details.value?.tags.histograms ?? []} none="No histograms.">
      {(tag) => <Histogram key={tag} tag={tag} />}
    </Tags>
  );
}

const RIDGES = 24;
const RIDGE_WIDTH = 400;
const RIDGE_HEIGHT = 220;

/** Ridges, the newest in front. */
function Histogram({ tag }: { readonly tag: string }) {
  const answer = useAnswer<HistogramsAnswer>(tag, source.histograms);
  const all = answer?.points.filter(({ buckets }) => buckets.length > 0) ?? [];
  const shown =
    all.length <= RIDGES
      ? all
      : Array.from(
          { length: RIDGES },
          (_, i) => all[Math.round((i * (all.length - 1)) / (RIDGES - 1))] as (typeof all)[number],
        );
  const edges = shown.flatMap(({ buckets }) => [buckets[0]?.[0] ?? 0, buckets.at(-1)?.[1] ?? 0]);
  const [low, high] = [Math.min(...edges), Math.max(...edges)];
  const densest = Math.max(1e-30, ...shown.flatMap(({ buckets }) => buckets.map(densityOf)));
  const x = (value: number): number => 8 + ((value - low) / (high - low || 1)) * (RIDGE_WIDTH - 60);
  return (
    <figure class="card">
      <figcaption>
        <span class="tag">{plain(tag, 60)}</span>
      </figcaption>
      <svg
        class="ridges"
        viewBox={`0 0 ${RIDGE_WIDTH} ${RIDGE_HEIGHT + 22}`}
        role="img"
        aria-label={`Histograms of ${plain(tag)} at ${shown.length} steps`}
      >
        {shown.map(({ step, buckets }, i) => {
          const base = 60 + ((RIDGE_HEIGHT - 64) * i) / Math.max(1, shown.length - 1);
          const points = buckets.flatMap((bucket) => {
            const y = (base - (densityOf(bucket) / densest) * 52).toFixed(1);
            return [`${x(bucket[0]).toFixed(1)},${y}`, `${x(bucket[1]).toFixed(1)},${y}`];
          });
          const isNamed = i % 6 === 0 || i === shown.length - 1;
          return (
            <g key={step}>
              <path
                d={`M${x(buckets[0]?.[0] ?? low)},${base} L${points.join(' ')} L${x(buckets.at(-1)?.[1] ?? high)},${base} Z`}
              >
                <title>step {step}</title>
              </path>
              {isNamed && (
                <text x={RIDGE_WIDTH - 46} y={base + 3}>
                  {count(step)}
                </text>
              )}
            </g>
          );
        })}
        {shown.length > 0 &&
          [low, (low + high) / 2, high].map((value, i) => (
            <text key={i} class={`edge edge-${i}`} x={x(value)} y={RIDGE_HEIGHT + 16}>
              {shortNumber(value)}
            </text>
          ))}
      </svg>
    </figure>
  );
}

function densityOf([left, right, weight]: readonly [number, number, number]): number {
  return right > left ? weight / (right - left) : 0;
}

export function Images() {
  return (
    <Tags tags={details.value?.tags.images ?? []} none="No images.">
      {(tag) => <ImageCard key={tag} tag={tag} />}
    </Tags>
  );
}

function ImageCard({ tag }: { readonly tag: string }) {
  const answer = useAnswer<ImagesAnswer>(tag, source.images);
  const chosen = useSignal<number | undefined>(undefined);
  const points = answer?.points ?? [];
  const at = Math.min(chosen.value ?? points.length - 1, points.length - 1);
  const point = points[at];
  const run = focus.value;
  return (
    <figure class="card">
      <figcaption>
        <span class="tag">{plain(tag, 60)}</span>
        <span class="number value">{point === undefined ? '' : `step ${count(point.step)}`}</span>
      </figcaption>
      {point !== undefined && run !== undefined && (
        <div class="images">
          {Array.from({ length: point.count }, (_, i) => (
            <img
              key={i}
              src={source.imageUrl(run, tag, at, point.step, i)}
              alt={`${plain(tag)}, step ${point.step}, number ${i + 1}`}
            />
          ))}
        </div>
      )}
      {points.length > 1 && (
        <input
          type="range"
          aria-label="Step"
          min="0"
          max={points.length - 1}
          value={at}
          onInput={(event) => {
            chosen.value = Number(event.currentTarget.value);
          }}
        />
      )}
    </figure>
  );
}

export function Texts() {
  return (
    <Tags tags={details.value?.tags.texts ?? []} none="No texts.">
      {(tag) => <TextCard key={tag} tag={tag} />}
    </Tags>
  );
}

/** Texts as they are: nothing in them is taken for markup. */
function TextCard({ tag }: { readonly tag: string }) {
  const answer = useAnswer<TextsAnswer>(tag, source.texts);
  const last = answer?.points.at(-1);
  return (
    <figure class="card">
      <figcaption>
        <span class="tag">{plain(tag, 60)}</span>
        <span class="number value">{last === undefined ? '' : `step ${count(last.step)}`}</span>
      </figcaption>
      {last?.texts.map((text, i) => (
        <pre key={i}>{text.slice(0, 20_000)}</pre>
      ))}
    </figure>
  );
}

/** Settings of the runs that are compared, side by side. */
export function Settings() {
  const ids = shownRuns.value;
  const configs = ids.map((id) => {
    const own = details.value?.id === id ? details.value.config : undefined;
    return new Map(own ?? runs.value.find((run) => run.id === id)?.config ?? []);
  });
  const names = [...new Set(configs.flatMap((config) => [...config.keys()]))].sort();
  const metrics = ids.map((id) => new Map(runs.value.find((run) => run.id === id)?.metrics ?? []));
  const measured = [...new Set(metrics.flatMap((each) => [...each.keys()]))].sort();
  const { record, startedAt } = details.value ?? {};
  return (
    <div class="columns">
      <section class="card">
        <header>
          <h2>Settings</h2>
          <span class="sub">{ids.length > 1 ? 'what differs is marked' : ''}</span>
        </header>
        {names.length + measured.length === 0 ? (
          <p class="empty">No settings were recorded.</p>
        ) : (
          <div class="scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  {ids.map((id) => (
                    <th scope="col" class="right" key={id}>
                      {plain(id, 30)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {names.map((name) => {
                  const values = configs.map((config) => config.get(name));
                  const differs = new Set(values).size > 1;
                  return (
                    <tr key={name} class={differs ? 'differs' : ''}>
                      <th scope="row">{plain(name, 60)}</th>
                      {values.map((value, i) => (
                        <td class="number right" key={ids[i]}>
                          {typeof value === 'number' ? shortNumber(value) : plain(String(value ?? '–'), 80)}
                        </td>
                      ))}
                    </tr>
                  );
                })}
                {measured.map((name) => (
                  <tr key={`metric ${name}`} class="metric">
                    <th scope="row">{plain(name, 60)}, last</th>
                    {metrics.map((each, i) => (
                      <td class="number right" key={ids[i]}>
                        {shortNumber(each.get(name))}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      {record !== undefined && (
        <section class="card">
          <header>
            <h2>How it was run</h2>
          </header>
          <dl>
            <dt>Command</dt>
            <dd class="mono">{plain(record.command, 400)}</dd>
            <dt>Seed</dt>
            <dd class="number">{record.seed ?? '–'}</dd>
            <dt>Began</dt>
            <dd>{startedAt === undefined ? '–' : new Date(startedAt).toLocaleString()}</dd>
            <dt>Versions</dt>
            <dd>{record.versions.map(([name, version]) => `${plain(name, 30)} ${plain(version, 30)}`).join(' · ')}</dd>
            <dt>Processes</dt>
            <dd>{record.processes.map(({ pid, host }) => `${pid} on ${plain(host, 40)}`).join(' · ')}</dd>
          </dl>
        </section>
      )}
    </div>
  );
}
