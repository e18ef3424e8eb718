import * as fs from 'node:fs';
import { basename, join } from 'node:path';

/** A folder with a run in it. */
export interface CatalogedRun {
  /** Its path below the root, with `/`; `.` for the root itself. */
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  /** When its newest file was written, in milliseconds since 1970. */
  readonly changedAt: number;
  /** Event files of TensorBoard's kind, below the run's folder, with the folder that they are in. */
  readonly eventFolders: readonly string[];
}

const DEEPEST = 5;
const MOST_FOLDERS = 50_000;
const SHORTEST_INTERVAL_MS = 500;
// A walk through very many folders is not done all the time.
const REST_TO_WALK = 10;
const RECORD = /^run\.(json|events(\.\d+)?\.ndjson)$/;
const EVENT_FILE = /tfevents/;
const CHECKPOINT = /^checkpoint$|\.index$|\.safetensors$/;

/** The runs below a folder. Links are not followed. */
export class RunCatalog {
  readonly root: string;
  #runs: ReadonlyMap<string, CatalogedRun> = new Map();
  #walkAgainAt = 0;

  constructor(root: string) {
    this.root = fs.realpathSync(root);
  }

  /** By id, the one that changed last first; at most half a second old. */
  runs(): ReadonlyMap<string, CatalogedRun> {
    const started = performance.now();
    if (started < this.#walkAgainAt) return this.#runs;
    const found: CatalogedRun[] = [];
    this.#walk(this.root, '', 0, { left: MOST_FOLDERS }, found);
    found.sort((a, b) => b.changedAt - a.changedAt || (a.id < b.id ? -1 : 1));
    this.#runs = new Map(found.map((run) => [run.id, run]));
    const now = performance.now();
    this.#walkAgainAt = now + Math.max(SHORTEST_INTERVAL_MS, (now - started) * REST_TO_WALK);
    return this.#runs;
  }

  /** @returns the folders in `folder` that have event files but are no runs of their own */
  #walk(folder: string, id: string, depth: number, budget: { left: number }, found: CatalogedRun[]): readonly string[] {
    if (budget.left-- <= 0) return [];
    const entries = list(folder);
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    const inner: string[] = [];
    if (depth < DEEPEST) {
      for (const entry of entries) {
        if (!entry.isDirectory() || entry.name.startsWith('.') || entry.name === 'node_modules') continue;
        const child = id === '' ? entry.name : `${id}/${entry.name}`;
        inner.push(...this.#walk(join(folder, entry.name), child, depth + 1, budget, found));
      }
    }
    const hasEvents = files.some((name) => EVENT_FILE.test(name));
    const eventFolders = hasEvents ? [folder, ...inner] : inner;
    const hasRecord = files.some((name) => RECORD.test(name));
    if (!hasRecord && !hasEvents && !files.some((name) => CHECKPOINT.test(name))) {
      // Folders of logs in a folder of runs are runs themselves, as TensorBoard has it.
      for (const each of inner) this.#add(each, this.#idOf(each), [each], found);
      return [];
    }
    // The logs of a recorded run lie below it; a folder of logs by itself belongs to what is above, if that is a run.
    if (!hasRecord && depth > 0 && hasEvents && !files.some((name) => CHECKPOINT.test(name))) return eventFolders;
    this.#add(folder, id === '' ? '.' : id, eventFolders, found);
    return [];
  }

  #idOf(folder: string): string {
    return folder.slice(this.root.length + 1).replaceAll('\\', '/');
  }

  #add(folder: string, id: string, eventFolders: readonly string[], found: CatalogedRun[]): void {
    const name = id === '.' ? basename(this.root) : id;
    found.push({ id, name, folder, changedAt: changedAt(folder), eventFolders });
  }
}

function list(folder: string): readonly fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    // Gone since, or not ours to read.
    return [];
  }
}

function changedAt(folder: string): number {
  for (const path of [join(folder, 'run.json'), folder]) {
    const stat = fs.lstatSync(path, { throwIfNoEntry: false });
    if (stat !== undefined) return stat.mtimeMs;
  }
  return 0;
}
