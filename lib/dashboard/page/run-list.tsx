import type { RunListing } from '../server/answer.js';
import { count, plain } from './format.js';
import { compared, focus, isLoaded, loadRuns, runColor, runCount, runs, search, shownRuns } from './state.js';

let typing = 0;

/** The runs: a click looks at one, a tick compares it with that. */
export function RunList() {
  return (
    <nav class="runs" aria-label="Runs">
      <input
        type="search"
        placeholder="Search runs"
        aria-label="Search runs"
        value={search.value}
        onInput={(event) => {
          search.value = event.currentTarget.value;
          clearTimeout(typing);
          typing = setTimeout(() => void loadRuns(), 150) as unknown as number;
        }}
      />
      <ul>
        {runs.value.map((run) => (
          <RunRow key={run.id} run={run} />
        ))}
      </ul>
      {isLoaded.value && runs.value.length === 0 && <p class="empty">No runs yet.</p>}
      {runCount.value > runs.value.length && (
        <p class="empty">
          {count(runs.value.length)} of {count(runCount.value)}; search for the others.
        </p>
      )}
    </nav>
  );
}

function RunRow({ run }: { readonly run: RunListing }) {
  const { id, name, state, step, totalSteps } = run;
  const isFocus = focus.value === id;
  const isShown = shownRuns.value.includes(id);
  const of = totalSteps === undefined ? '' : ` / ${count(totalSteps)}`;
  return (
    <li class={isFocus ? 'is-focus' : ''}>
      <input
        type="checkbox"
        class={`swatch color-${runColor(id)}`}
        aria-label={`Compare ${plain(name)}`}
        checked={isShown}
        disabled={isFocus}
        onChange={() => {
          compared.value = isShown ? compared.value.filter((each) => each !== id) : [...compared.value, id];
        }}
      />
      <button
        type="button"
        aria-current={isFocus ? 'true' : undefined}
        onClick={() => {
          focus.value = id;
        }}
      >
        <span class="name" dir="ltr">
          {plain(name, 60)}
        </span>
        <span class="sub">
          <State state={state} />
          <span class="number">{step === undefined ? '' : `${count(step)}${of}`}</span>
        </span>
      </button>
    </li>
  );
}

export function State({ state }: { readonly state: string }) {
  return <span class={`state state-${/^\w+$/.test(state) ? state : 'unknown'}`}>{state}</span>;
}
