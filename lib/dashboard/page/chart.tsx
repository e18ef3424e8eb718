import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import type { ScalarsAnswer } from '../server/answer.js';
import { drawPlot } from './chart-plot.js';
import { plain, shortNumber } from './format.js';
import { source } from './source.js';
import { isLog, shownRuns, smoothing, theme, version, xAxis, zoom } from './state.js';

/** The curves of one tag. */
export function Chart({ tag }: { readonly tag: string }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const answer = useSignal<ScalarsAnswer | undefined>(undefined);
  const isSeen = useSignal(false);
  const width = useSignal(0);
  const ids = shownRuns.value;
  const range = zoom.value;

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const seen = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting === true) isSeen.value = true;
      },
      { rootMargin: '300px' },
    );
    const resized = new ResizeObserver(([entry]) => {
      if (entry !== undefined) width.value = Math.floor(entry.contentRect.width);
    });
    seen.observe(element);
    resized.observe(element);
    return () => {
      seen.disconnect();
      resized.disconnect();
      plot.current?.destroy();
    };
  }, []);

  const key = ids.join('\n');
  useEffect(() => {
    if (!isSeen.value || ids.length === 0) return;
    let isCurrent = true;
    const isSteps = xAxis.value === 'step';
    const [from, to] =
      isSteps && range !== undefined
        ? [Math.floor(range[0]), Math.ceil(range[1])]
        : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const points = Math.min(4000, Math.max(400, width.value * 2));
    void source.scalars(ids, tag, from, to, points).then(
      (loaded) => {
        if (isCurrent) answer.value = loaded;
      },
      () => {
        // The run is gone; the list says so.
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [key, tag, range?.[0], range?.[1], isSeen.value, version.value, xAxis.value]);

  useEffect(() => {
    const element = box.current;
    if (element === null || answer.value === undefined || width.value === 0) return;
    plot.current?.destroy();
    plot.current = drawPlot(element, answer.value, width.value, range);
    if (performance.getEntriesByName('first-chart').length === 0) performance.mark('first-chart');
  }, [answer.value, width.value, smoothing.value, isLog.value, theme.value]);

  const last = answer.value?.series.find(({ run }) => run === ids[0])?.values.at(-1);
  const odd = answer.value?.series.flatMap(({ nonFinite }) => nonFinite) ?? [];
  return (
    <figure class="card chart" data-tag={tag}>
      <figcaption>
        <span class="tag" title={plain(tag, 400)} dir="ltr">
          {plain(tag, 60)}
        </span>
        <span class="number value">{shortNumber(last)}</span>
      </figcaption>
      <div ref={box} class="plot" role="img" aria-label={`${plain(tag)}: last value ${shortNumber(last)}`} />
      {odd.length > 0 && (
        <p class="warning">
          {odd[0]?.[1]} at step {odd[0]?.[0]}
          {odd.length > 1 ? ` and ${odd.length - 1} more` : ''}
        </p>
      )}
    </figure>
  );
}
