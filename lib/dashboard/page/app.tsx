import 'uplot/dist/uPlot.min.css';
import './colours.css';
import './app.css';
import './tables.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import type { RunDetails } from '../server/answer.js';
import { Charts } from './charts.js';
import { Checkpoints } from './checkpoints.js';
import { ago, bytes, count, duration, plain, shortNumber } from './format.js';
import { Hooks } from './hooks.js';
import { Histograms, Images, Texts } from './panels.js';
import { RunList, State } from './run-list.js';
import { Settings } from './settings.js';
import { signIn, source } from './source.js';
import {
  details,
  focus,
  follow,
  isLoaded,
  loadDetails,
  loadRuns,
  problem,
  runs,
  TABS,
  type Tab,
  tab,
  theme,
} from './state.js';
import { TimelinePanel, timelineRange } from './timeline.js';

const PANELS: Readonly<Record<Tab, () => preact.JSX.Element | null>> = {
  Scalars: Charts,
  Checkpoints,
  Hooks,
  Histograms,
  Images,
  Text: Texts,
  Settings,
};

function App() {
  const Panel = PANELS[tab.value];
  return (
    <div class={source.isLive ? 'page' : 'page is-single'}>
      <a class="skip" href="#main">
        Skip to the run
      </a>
      <aside>
        <div class="brand">
          <svg width="26" height="18" viewBox="0 0 26 18" aria-hidden="true">
            <path d="M1 12 C5 4 9 4 13 9 S21 14 25 6" />
            <circle cx="13" cy="9" r="3" />
          </svg>
          <h1>tidemark</h1>
          <span class="spacer" />
          <ThemeButton />
        </div>
        {source.isLive && <RunList />}
      </aside>
      <main id="main" tabIndex={-1}>
        {problem.value !== '' && (
          <p class="problem" role="alert">
            {plain(problem.value, 300)}
          </p>
        )}
        {focus.value === undefined ? (
          isLoaded.value && (
            <div class="welcome">
              <h2>No runs yet</h2>
              <p>
                A run shows up here as soon as a session with <code>runRecorder(folder)</code> starts below this folder.
              </p>
            </div>
          )
        ) : (
          <>
            <Headline />
            <TimelinePanel />
            <Tabs />
            <div role="tabpanel" id="panel" aria-labelledby={`tab-${tab.value}`}>
              <Panel />
            </div>
          </>
        )}
      </main>
    </div>
  );
}

function ThemeButton() {
  const next = { auto: 'dark', dark: 'light', light: 'auto' } as const;
  return (
    <button
      type="button"
      class="quiet"
      title={`Theme: ${theme.value}`}
      aria-label={`Theme: ${theme.value}`}
      onClick={() => {
        theme.value = next[theme.value];
      }}
    >
      {{ auto: '◐', dark: '●', light: '○' }[theme.value]}
    </button>
  );
}

function Headline() {
  const listed = runs.value.find(({ id }) => id === focus.value);
  const run = details.value?.id === focus.value ? details.value : listed;
  if (run === undefined) return null;
  const { name, state, step, totalSteps, metrics, checkpoint, reason, changedAt } = run;
  const progress =
    step !== undefined && totalSteps !== undefined && totalSteps > 0 ? Math.min(1, step / totalSteps) : undefined;
  const holding = details.value?.record?.holding;
  const facts: (readonly [string, string])[] = [
    ['Step', `${count(step)}${totalSteps === undefined ? '' : ` / ${count(totalSteps)}`}`],
    ...metrics.slice(0, 3).map(([metric, value]) => [plain(metric, 20), shortNumber(value)] as const),
    ['Last checkpoint', checkpoint === undefined ? '–' : plain(checkpoint, 30)],
    ['Duration', details.value === undefined ? '–' : duration(details.value.durationMs)],
    ['Last change', ago(changedAt)],
  ];
  return (
    <header class="headline">
      <div class="title">
        <h2 dir="ltr">{plain(name, 80)}</h2>
        <State state={state} />
        {reason !== undefined && <span class="sub">{plain(reason, 160)}</span>}
        {details.value?.saveInFlight !== undefined && <span class="sub">{saving(details.value.saveInFlight)}</span>}
        {holding !== undefined && state === 'running' && (
          <span class="warning">
            held by {plain(holding.hook, 40)} for {duration(holding.ms)}
          </span>
        )}
      </div>
      {progress !== undefined && (
        <div
          class="progress"
          role="progressbar"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(progress * 100)}
          aria-label="Progress"
        >
          <svg width="100%" height="3" aria-hidden="true">
            <rect width={`${progress * 100}%`} height="3" rx="1.5" />
          </svg>
        </div>
      )}
      <dl class="facts">
        {facts.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd class="number">{value}</dd>
          </div>
        ))}
      </dl>
      {(details.value?.faults.length ?? 0) > 0 && (
        <details class="problem">
          <summary>{count(details.value?.faults.length)} faults in the files of this run</summary>
          <ul>
            {details.value?.faults.map((fault) => (
              <li key={fault}>{plain(fault, 400)}</li>
            ))}
          </ul>
        </details>
      )}
    </header>
  );
}

function saving({ step, writtenBytes, sizeBytes }: NonNullable<RunDetails['saveInFlight']>): string {
  if (sizeBytes === undefined) return `saving step ${count(step)}`;
  const percent = Math.floor((100 * Math.min(writtenBytes, sizeBytes)) / Math.max(1, sizeBytes));
  return `saving step ${count(step)}: ${percent} % of ${bytes(sizeBytes)}`;
}

function Tabs() {
  const tags = details.value?.tags;
  const counts: Readonly<Record<Tab, number | undefined>> = {
    Scalars: tags?.scalars.length,
    Checkpoints: details.value?.checkpoints.length,
    Hooks: details.value?.hooks.length,
    Histograms: tags?.histograms.length,
    Images: tags?.images.length,
    Text: tags?.texts.length,
    Settings: undefined,
  };
  const move = (by: number): void => {
    const next = TABS[(TABS.indexOf(tab.value) + by + TABS.length) % TABS.length] as Tab;
    tab.value = next;
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="What to look at">
      {TABS.map((each) => (
        <button
          key={each}
          type="button"
          role="tab"
          id={`tab-${each}`}
          aria-selected={tab.value === each}
          aria-controls="panel"
          tabIndex={tab.value === each ? 0 : -1}
          onClick={() => {
            tab.value = each;
          }}
          onKeyDown={(event) => {
            if (event.key === 'ArrowRight') move(1);
            else if (event.key === 'ArrowLeft') move(-1);
          }}
        >
          {each}
          {counts[each] !== undefined && counts[each] !== 0 && <span class="badge number">{counts[each]}</span>}
        </button>
      ))}
    </div>
  );
}

effect(() => {
  const id = focus.value;
  timelineRange.value = undefined;
  document.title = id === undefined ? 'tidemark' : `${plain(id, 40)} · tidemark`;
  void loadDetails();
});

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
performance.mark('first-paint');
void start();

async function start(): Promise<void> {
  await signIn();
  await loadRuns();
  follow();
  // A run whose process dies changes no file any more: its state is asked for.
  if (source.isLive) setInterval(() => void loadRuns(), 5000);
}
