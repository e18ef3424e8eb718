import './charts.css';

import { Chart } from './chart.js';
import { plain } from './format.js';
import { details, isLog, smoothing, tagFilter, xAxis, zoom } from './state.js';

/** A chart for each tag, all of the same runs. */
export function Charts() {
  const tags = (details.value?.tags.scalars ?? []).filter((tag) =>
    tag.toLowerCase().includes(tagFilter.value.toLowerCase()),
  );
  const groups = new Map<string, string[]>();
  for (const tag of tags) {
    const group = tag.includes('/') ? tag.slice(0, tag.indexOf('/')) : '';
    groups.set(group, [...(groups.get(group) ?? []), tag]);
  }
  return (
    <div>
      <Controls />
      {[...groups].map(([group, members]) => (
        <section key={group} aria-label={group === '' ? 'Scalars' : plain(group)}>
          {groups.size > 1 && group !== '' && <h3 class="group">{plain(group)}</h3>}
          <div class="grid">
            {members.map((tag) => (
              <Chart key={tag} tag={tag} />
            ))}
          </div>
        </section>
      ))}
      {details.value !== undefined && tags.length === 0 && (
        <p class="empty">No scalars{tagFilter.value === '' ? ' yet' : ' of that name'}.</p>
      )}
    </div>
  );
}

function Controls() {
  return (
    <div class="controls">
      <label>
        Smoothing
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={smoothing.value}
          onInput={(event) => {
            smoothing.value = Number(event.currentTarget.value);
          }}
        />
        <output class="number">{smoothing.value.toFixed(2)}</output>
      </label>
      <label>
        <input
          type="checkbox"
          checked={isLog.value}
          onChange={() => {
            isLog.value = !isLog.value;
          }}
        />
        Log scale
      </label>
      <fieldset class="choice" aria-label="Horizontal axis">
        {(['step', 'time'] as const).map((axis) => (
          <button
            key={axis}
            type="button"
            aria-pressed={xAxis.value === axis}
            onClick={() => {
              xAxis.value = axis;
              zoom.value = undefined;
            }}
          >
            {axis === 'step' ? 'Steps' : 'Time'}
          </button>
        ))}
      </fieldset>
      <input
        type="search"
        placeholder="Filter tags"
        aria-label="Filter tags"
        value={tagFilter.value}
        onInput={(event) => {
          tagFilter.value = event.currentTarget.value;
        }}
      />
      <span class="spacer" />
      <button
        type="button"
        disabled={zoom.value === undefined}
        onClick={() => {
          zoom.value = undefined;
        }}
      >
        Reset zoom
      </button>
    </div>
  );
}
