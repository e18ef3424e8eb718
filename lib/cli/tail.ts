import { readdirSync } from 'node:fs';
import { EventLogReader, eventFilesAmong, nodeFileSystem, type RecordedEvent, readRunRecord } from '../node.js';
import type { Io } from './io.js';
import { openRun } from './open-run.js';
import { printable } from './printable.js';

export interface TailOptions {
  readonly follow?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly lines?: string | undefined;
}

const LOOK_MS = 250;

/** Prints the last events of a run, and with `follow` those that come, until the run is over. */
export async function tail(
  path: string,
  { follow = false, json = false, lines = '20' }: TailOptions,
  io: Io,
): Promise<number> {
  const folder = openRun(io, path, 'tail');
  if (!/^\d{1,9}$/.test(lines)) {
    io.err('error  tail: --lines is a whole number\n');
    return 2;
  }
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
  const wanted = Number(lines);
  const before = read();
  if (wanted > 0) print(before.slice(-wanted));
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
  return JSON.stringify(event, (_, value) => {
    if (value instanceof Map) return Object.fromEntries(value);
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  });
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
