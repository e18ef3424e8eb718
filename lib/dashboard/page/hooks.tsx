import './hooks.css';
import { count, duration, plain } from './format.js';
import { details } from './state.js';

/** What hooks took of the loop's time: acting in it, and making it wait. */
export function Hooks() {
  const run = details.value;
  if (run === undefined) return null;
  const { hooks, durationMs } = run;
  const actedMs = hooks.reduce((sum, hook) => sum + (hook.actedMs ?? 0), 0);
  const heldMs = hooks.reduce((sum, hook) => sum + hook.heldMs, 0);
  const largest = Math.max(1e-9, ...hooks.map((hook) => (hook.actedMs ?? 0) + hook.heldMs));
  return (
    <section class="card">
      <header>
        <h2>What hooks cost</h2>
        <span class="sub">
          of {duration(durationMs)} the loop was held for {share(heldMs, durationMs)}, and hooks acted for{' '}
          {share(actedMs, durationMs)}
        </span>
      </header>
      {hooks.length === 0 ? (
        <p class="empty">Nothing that was recorded.</p>
      ) : (
        <>
          <div class="scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">Hook</th>
                  {['Acts, a step', 'Acted', 'Holds', 'Held', 'Longest', 'Share'].map((title) => (
                    <th scope="col" class="right" key={title}>
                      {title}
                    </th>
                  ))}
                  <th scope="col" class="wide">
                    <span class="unseen">As bars</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {hooks.map((hook) => (
                  <tr key={hook.hook}>
                    <td>{plain(hook.hook)}</td>
                    <td class="number right">
                      {hook.stepMicroseconds === undefined ? '–' : duration(hook.stepMicroseconds / 1000)}
                    </td>
                    <td class="number right">{hook.actedMs === undefined ? '–' : duration(hook.actedMs)}</td>
                    <td class="number right">{hook.holds === 0 ? '–' : count(hook.holds)}</td>
                    <td class="number right">{hook.holds === 0 ? '–' : duration(hook.heldMs)}</td>
                    <td class="number right">{hook.longestMs === 0 ? '–' : duration(hook.longestMs)}</td>
                    <td class="number right">{share((hook.actedMs ?? 0) + hook.heldMs, durationMs)}</td>
                    <td class="wide">
                      <Bar acted={(hook.actedMs ?? 0) / largest} held={hook.heldMs / largest} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p class="legend sub">
            <span>
              <svg width="10" height="10" aria-hidden="true">
                <rect class="bar-acted" width="10" height="10" />
              </svg>
              acted, estimated from a sample of steps
            </span>
            <span>
              <svg width="10" height="10" aria-hidden="true">
                <rect class="bar-held" width="10" height="10" />
              </svg>
              made the loop wait
            </span>
          </p>
        </>
      )}
    </section>
  );
}

function Bar({ acted, held }: { readonly acted: number; readonly held: number }) {
  return (
    <svg width="100%" height="10" aria-hidden="true">
      <rect class="bar-acted" width={`${100 * acted}%`} height="10" />
      <rect class="bar-held" x={`${100 * acted}%`} width={`${100 * held}%`} height="10" />
    </svg>
  );
}

function share(part: number, whole: number): string {
  const percent = (100 * part) / Math.max(1e-9, whole);
  return `${percent > 0 && percent < 0.1 ? percent.toPrecision(1) : percent.toFixed(1)} %`;
}
