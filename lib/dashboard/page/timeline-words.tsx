import type { TimelineCluster, TimelineView } from '../../index.js';
import { count, duration, plain } from './format.js';

const LEGEND: readonly (readonly [string, string])[] = [
  ['b', 'before save'],
  ['s', 'snapshot taken'],
  ['w', 'written in the background'],
  ['a', 'after save'],
  ['x', 'failed'],
  ['k', 'skipped'],
];

/** What the letters mean that are seen. */
export function Legend({ view }: { readonly view: TimelineView }) {
  const letters = new Set(view.items.flatMap(({ phases }) => (phases ?? []).map(({ letter }) => letter)));
  return (
    <span class="legend">
      {LEGEND.filter(([letter]) => letters.has(letter)).map(([letter, words]) => (
        <span key={letter}>
          <b class={`marble-key marble-${letter}`}>{letter}</b> {words}
        </span>
      ))}
      <span>drag to zoom · double click for the whole run</span>
    </span>
  );
}

const WORDS: Readonly<Record<string, string>> = {
  saved: 'saved',
  saveFailed: 'save failed',
  cut: 'save cut short',
  saving: 'saving',
  skipped: 'save skipped',
  hold: 'hold',
  stall: 'stall',
};

/** What a marble tells. */
export function wordsOf(item: TimelineCluster): string {
  const what = WORDS[item.kind] ?? plain(item.kind);
  const length = item.until > item.since ? ` · ${duration(item.until - item.since)}` : '';
  if (item.count > 1) return `${item.count} × ${what}, from step ${count(item.step)}${length}`;
  return `step ${count(item.step)} · ${what}${length}${item.label === '' ? '' : ` · ${plain(item.label, 240)}`}`;
}

/** The same in words, for who does not see the picture. */
export function TimelineTable({ view }: { readonly view: TimelineView }) {
  const items = view.items.filter(({ lane }) => lane !== 'processes').slice(0, 100);
  return (
    <table class="unseen">
      <caption>What happened in this part of the run</caption>
      <tbody>
        {items.map((item, i) => (
          <tr key={i}>
            <th scope="row">{item.lane}</th>
            <td>{wordsOf(item)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
