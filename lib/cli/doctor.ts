import { resolve } from 'node:path';
import { checkDisk } from './doctor/check-disk.js';
import { checkPrograms } from './doctor/check-programs.js';
import type { Io } from './io.js';
import { printable } from './printable.js';

const MARKS = { good: '✔', note: '·', bad: '✘' } as const;

/** Looks at what Tidemark needs of the machine. Exit code 1 if something is missing without which it cannot work. */
export async function doctor(
  directory: string,
  { json = false }: { readonly json?: boolean },
  io: Io,
): Promise<number> {
  const folder = resolve(io.cwd, directory);
  const findings = [...checkPrograms(io.cwd), ...checkDisk(folder)];
  const isWell = findings.every(({ state }) => state !== 'bad');
  if (json) {
    io.out(`${JSON.stringify({ ok: isWell, findings })}\n`);
    return isWell ? 0 : 1;
  }
  const width = Math.max(...findings.map(({ topic }) => topic.length));
  for (const { topic, state, text, fix } of findings) {
    io.out(`${MARKS[state]} ${topic.padEnd(width)}  ${printable(text, 500)}\n`);
    if (fix !== undefined) io.out(`  ${' '.repeat(width)}  fix  ${fix}\n`);
  }
  return isWell ? 0 : 1;
}
