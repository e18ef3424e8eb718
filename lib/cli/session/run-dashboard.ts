import { dirname, join } from 'node:path';
import type { Io } from '../io.js';
import { printable } from '../printable.js';
import { type DashboardAnswer, type DashboardThread, startDashboardThread } from './dashboard-thread.js';

/** The dashboard beside a run, served from when it is first asked for; a run goes on without. */
export class RunDashboard {
  readonly #root: string;
  readonly #pageFolder: string | undefined;
  readonly #say: (line: string) => void;
  #thread: DashboardThread | undefined;
  #isClosed = false;

  /** @param dir the run's folder, absolute */
  constructor(dir: string, name: string, say: (line: string) => void, { cwd, pageFolder }: Io) {
    // What is beside other runs is compared with them; any other folder is shown alone.
    this.#root = dir === join(cwd, 'runs', name) ? dirname(dir) : dir;
    this.#pageFolder = pageFolder;
    this.#say = say;
  }

  /** Serves it and says where; `then` is told the address, unless there is none. */
  open(then?: (url: string) => void): void {
    const isFirst = this.#thread === undefined;
    this.#thread ??= startDashboardThread({ root: this.#root, pageFolder: this.#pageFolder });
    void this.#thread.answer.then((answer) => {
      if (this.#isClosed) return;
      if (isFirst || then !== undefined) this.#tell(answer);
      if ('url' in answer) then?.(answer.url);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread?.close();
  }

  #tell(answer: DashboardAnswer): void {
    this.#say('url' in answer ? `  dashboard  ${answer.url}` : `  warning    no dashboard: ${printable(answer.fault)}`);
  }
}
