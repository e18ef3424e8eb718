import { bytes, count, plain, shortNumber } from './format.js';
import { details } from './state.js';

/** The checkpoints that are on disk, and why each is. */
export function Checkpoints() {
  const run = details.value;
  if (run === undefined) return null;
  const { checkpoints, record } = run;
  const names = [...new Set(checkpoints.flatMap(({ metrics }) => metrics.map(([name]) => name)))].slice(0, 5);
  const total = checkpoints.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return (
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
  );
}
