import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type FileSystem, type RunSummary, readRunRecord } from '../../node.js';
import { confinedFileSystem } from './confined-file-system.js';
import { type CatalogedRun, RunCatalog } from './run-catalog.js';
import { RunData } from './run-data.js';

const MOST_OPEN = 24;

/** The runs below a folder, and what is known of those that are looked at. */
export class RunLibrary {
  readonly #catalog: RunCatalog;
  readonly #fs: FileSystem;
  /** The one that was asked for last is last. */
  readonly #open = new Map<string, RunData>();

  /** @throws Error if there is no such folder */
  constructor(root: string) {
    this.#catalog = new RunCatalog(root);
    this.#fs = confinedFileSystem(this.#catalog.root);
  }

  get root(): string {
    return this.#catalog.root;
  }

  runs(): ReadonlyMap<string, CatalogedRun> {
    return this.#catalog.runs();
  }

  /** The run of an id; `undefined` if there is none. An id is looked up, and never made a path of. */
  open(id: string): RunData | undefined {
    const run = this.runs().get(id);
    if (run === undefined) {
      this.#open.delete(id);
      return undefined;
    }
    const data = this.#open.get(id) ?? new RunData(run, this.#fs);
    this.#open.delete(id);
    this.#open.set(id, data);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= MOST_OPEN) break;
      this.#open.delete(oldest);
    }
    return data;
  }

  /** What a run says of itself, without reading more; `undefined` if it says nothing that can be understood. */
  summary(run: CatalogedRun): RunSummary | undefined {
    try {
      return readRunRecord(run.folder, { fileSystem: this.#fs });
    } catch {
      // Damaged: told where the run itself is shown.
      return undefined;
    }
  }

  /** A text that is another one as soon as a file of the run has changed. */
  stamp(id: string): string {
    const run = this.runs().get(id);
    if (run === undefined) return '';
    const parts: string[] = [];
    for (const folder of new Set([run.folder, ...run.eventFolders])) {
      try {
        for (const name of this.#fs.readdir(folder)) {
          if (!/^run\.|tfevents|^checkpoint$/.test(name)) continue;
          const { size, mtimeMs } = statSync(join(folder, name));
          parts.push(`${name}:${size}:${mtimeMs}`);
        }
      } catch {
        parts.push('gone');
      }
    }
    return parts.join(' ');
  }
}
