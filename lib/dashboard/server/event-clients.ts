import type { ServerResponse } from 'node:http';
import { SECURITY_HEADERS } from './security-headers.js';

const MOST_CLIENTS = 64;
const MOST_BACKLOG_BYTES = 1 << 20;
const KEEP_ALIVE_MS = 15_000;

interface Client {
  readonly response: ServerResponse;
  readonly runs: readonly string[];
}

/** Who listens for changes. A client that does not read is let go of, so that nothing piles up for it. */
export class EventClients {
  readonly #clients = new Set<Client>();
  readonly #onFirst: () => void;
  #id = 0;
  #keepAlive: NodeJS.Timeout | undefined;

  /** @param onFirst is told when somebody listens where nobody did */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
  }

  get count(): number {
    return this.#clients.size;
  }

  /** The runs that somebody looks at. */
  get runs(): ReadonlySet<string> {
    return new Set([...this.#clients].flatMap(({ runs }) => runs));
  }

  /** Takes a client in; `false` if there are too many. */
  add(response: ServerResponse, runs: readonly string[]): boolean {
    if (this.#clients.size >= MOST_CLIENTS) return false;
    const client = { response, runs };
    response.writeHead(200, { ...SECURITY_HEADERS, 'Content-Type': 'text/event-stream; charset=utf-8' });
    response.write('retry: 2000\n\n');
    response.on('close', () => this.#remove(client));
    response.on('error', () => this.#remove(client));
    this.#clients.add(client);
    if (this.#clients.size === 1) {
      this.#keepAlive = setInterval(() => this.#sendAll(() => ': still here\n\n'), KEEP_ALIVE_MS);
      this.#keepAlive.unref();
      this.#onFirst();
    }
    return true;
  }

  /** Tells who looks at it that a run has changed, or all that the list of runs has. */
  tell(run: string | undefined): void {
    this.#id++;
    const name = run === undefined ? 'runs' : 'changed';
    const message = `id: ${this.#id}\nevent: ${name}\ndata: ${JSON.stringify({ run })}\n\n`;
    this.#sendAll(({ runs }) => (run === undefined || runs.includes(run) ? message : undefined));
  }

  #sendAll(messageFor: (client: Client) => string | undefined): void {
    for (const client of this.#clients) {
      const message = messageFor(client);
      if (message === undefined) continue;
      client.response.write(message);
      if (client.response.writableLength > MOST_BACKLOG_BYTES) client.response.destroy();
    }
  }

  #remove(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size === 0) clearInterval(this.#keepAlive);
  }

  close(): void {
    for (const { response } of this.#clients) response.destroy();
    this.#clients.clear();
    clearInterval(this.#keepAlive);
  }
}
