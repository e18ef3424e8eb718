import { readdirSync } from 'node:fs';
import { EventLogReader, eventFilesAmong, nodeFileSystem, type RecordedEvent, readRunRecord } from '../node.js';
import type { Io } from './io.js';
import { jsonNumber } from './json-number.js';
import { openRun } from './open-run.js';
import { printable } from './printable.js';

export interface TailOptions {
  readonly follow?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly lines?: number | undefined;
}

const LOOK_MS = 250;
const LINES = 20;

/** Prints the last events of a run, and with `follow` those that come, until the run is over. */
export async function tail(
  path: string,
  { follow = false, json = false, lines = LINES }: TailOptions,
  io: Io,
): Promise<number> {
  const folder = openRun(io, path, 'tail');
  const readers = new Map<string, EventLogReader>();
  const read = (): readonly RecordedEvent[] => {
    const events: RecordedEvent[] = [];
    for (const name of eventFilesAmong(readdirSync(folder))) {
      const reader = readers.get(name) ?? new EventLogReader(nodeFileSystem, folder, name);
      readers.set(name, reader);
      for (let more = reader.read(); more.length > 0; more = reader.read())
        for (const event of more) events.push(event);
    }
    return events;
  };
  const print = (events: readonly RecordedEvent[]): void => {
    for (const event of events) io.out(`${json ? lineOf(event) : inWords(event)}\n`);
  };
  const before = read();
  if (lines > 0) print(before.slice(-lines));
  while (follow) {
    const isOver = !isRunning(folder);
    print(read());
    if (isOver) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return 0;
}

function isRunning(folder: string): boolean {
  try {
    return readRunRecord(folder)?.state === 'running';
  } catch {
    // Damaged: nothing says that more will come.
    return false;
  }
}

function lineOf(event: RecordedEvent): string {
  return JSON.stringify(event, jsonNumber);
}

function inWords(event: RecordedEvent): string {
  const { kind, t, ...rest } = event;
  const words = Object.entries(rest).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (value instanceof Map)
      return [...value].map(([key, each]) => `${printable(String(key), 40)}=${printable(String(each), 80)}`);
    if (typeof value === 'object') return [`${name}=${printable(JSON.stringify(value), 300)}`];
    return [`${name}=${printable(String(value), 200)}`];
  });
  return `${(t / 1000).toFixed(3).padStart(10)} s  ${kind.padEnd(17)}${words.join('  ')}`;
}
