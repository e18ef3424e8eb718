import type { Io } from '../io.js';
import { printable } from '../printable.js';
import { RUNS } from '../runs-folder.js';
import { tableText } from '../table-text.js';
import type { CommandSettings } from './command-settings.js';
import { jsonLine } from './event-line.js';
import type { MergedOptions } from './run-options.js';
import { shownSetting } from './secret-setting.js';

/** Prints the options of a run and where each comes from; secrets are hidden. */
export function explainOptions(merged: MergedOptions, settings: CommandSettings, isJson: boolean, io: Io): void {
  const rows = [
    ...Object.entries(settings).map(([name, { value, from }]) => ({
      name: `--${name}`,
      value: name === 'dir' && value === undefined ? `${RUNS}/<new name>` : value,
      from,
    })),
    ...merged.explained.map(({ name, value, from }) => ({ name, value: shownSetting(name, value), from })),
  ];
  if (isJson) {
    for (const row of rows) io.out(jsonLine({ kind: 'option', ...row }));
    return;
  }
  const cells = rows.map(({ name, value, from }) =>
    [name, typeof value === 'string' ? value : JSON.stringify(value), from].map((cell) => printable(cell)),
  );
  for (const line of tableText(['NAME', 'VALUE', 'FROM'], cells)) io.out(`${line}\n`);
}
