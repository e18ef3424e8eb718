import './panels.css';
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { count, plain, shortNumber } from './format.js';
import { type HistogramsAnswer, type ImagesAnswer, source, type TextsAnswer } from './source.js';
import { details, focus, version } from './state.js';

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
