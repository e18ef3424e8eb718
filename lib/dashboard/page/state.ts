import { batch, computed, effect, signal } from '@preact/signals';
import type { RunDetails, RunListing } from '../server/answer.js';
import { source } from './source.js';

export const TABS = ['Scalars', 'Checkpoints', 'Hooks', 'Histograms', 'Images', 'Text', 'Settings'] as const;

export type Tab = (typeof TABS)[number];

export const COLORS = 8;

/** The run that is looked at, and those that are compared with it. */
export const focus = signal<string | undefined>(undefined);
export const compared = signal<readonly string[]>([]);
export const shownRuns = computed<readonly string[]>(() =>
  focus.value === undefined ? compared.value : [focus.value, ...compared.value.filter((id) => id !== focus.value)],
);

export const runs = signal<readonly RunListing[]>([]);
export const runCount = signal(0);
export const search = signal('');
export const isLoaded = signal(false);
export const details = signal<RunDetails | undefined>(undefined);
export const tab = signal<Tab>('Scalars');
export const problem = signal('');

/** How charts are drawn. */
export const smoothing = signal(stored('smoothing', 0.6));
export const isLog = signal(false);
export const xAxis = signal<'step' | 'time'>('step');
export const tagFilter = signal('');
/** A range of steps, all charts alike. */
export const zoom = signal<readonly [number, number] | undefined>(undefined);

export const theme = signal<'auto' | 'light' | 'dark'>(stored('theme', 'auto'));

/** Counts changes of what is shown: whoever draws it asks anew when this changes. */
export const version = signal(0);

const colorOf = new Map<string, number>();

/** A number for the colour of a run, which it keeps. */
export function runColor(id: string): number {
  const color = colorOf.get(id) ?? colorOf.size % COLORS;
  colorOf.set(id, color);
  return color;
}

function stored<T>(key: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(`tidemark-${key}`);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    // Pages from files may have no storage.
    return otherwise;
  }
}

function keep(key: string, value: unknown): void {
  try {
    localStorage.setItem(`tidemark-${key}`, JSON.stringify(value));
  } catch {
    // As above.
  }
}

effect(() => keep('smoothing', smoothing.value));
effect(() => {
  keep('theme', theme.value);
  if (theme.value === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.value;
});

export async function loadRuns(): Promise<void> {
  try {
    const answer = await source.runs(search.value, 0);
    batch(() => {
      runs.value = answer.runs;
      runCount.value = answer.total;
      isLoaded.value = true;
      problem.value = '';
      if (focus.value === undefined && search.value === '') focus.value = answer.runs[0]?.id;
    });
  } catch (error) {
    problem.value = error instanceof Error ? error.message : String(error);
  }
}

export async function loadDetails(): Promise<void> {
  const id = focus.value;
  if (id === undefined) return;
  try {
    const loaded = await source.run(id);
    if (focus.value !== id) return;
    details.value = loaded;
    version.value++;
    // A long run is read a piece at a time.
    if (!loaded.isComplete) setTimeout(() => void loadDetails(), 50);
  } catch (error) {
    problem.value = error instanceof Error ? error.message : String(error);
  }
}

/** Follows the runs that are shown, as long as there is a server. */
export function follow(): void {
  let events: EventSource | undefined;
  let timer = 0;
  effect(() => {
    const shown = shownRuns.value;
    events?.close();
    if (!source.isLive || shown.length === 0) return;
    const query = new URLSearchParams(shown.map((id) => ['run', id]));
    events = new EventSource(`/api/events?${query}`);
    events.addEventListener('runs', () => void loadRuns());
    events.addEventListener('changed', () => {
      // Several runs change at about the same time, and one look is enough for all.
      clearTimeout(timer);
      timer = setTimeout(() => void loadDetails(), 200) as unknown as number;
    });
  });
}
