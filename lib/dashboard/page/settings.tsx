import { plain, shortNumber } from './format.js';
import { details, runs, shownRuns } from './state.js';

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
