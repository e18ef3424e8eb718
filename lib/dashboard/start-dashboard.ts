import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { RunLibrary } from './data/run-library.js';
import { EventClients } from './server/event-clients.js';
import { loadPageAssets } from './server/page-assets.js';
import { isLoopback, RequestGuard } from './server/request-guard.js';
import { RequestHandler } from './server/request-handler.js';

export interface DashboardOptions {
  /** @default the first one that is free from 7733 on */
  readonly port?: number | undefined;
  /** What to listen on. Anything but this machine's own address needs the token in the printed address. @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** Where the built page is. @default in the package */
  readonly pageFolder?: string | undefined;
}

/** A dashboard that is being served. */
export interface Dashboard {
  /** Where it is, with the token if one is needed. */
  readonly url: string;
  readonly port: number;
  /** Lets go of its connections and its port. */
  close(): Promise<void>;
}

const FIRST_PORT = 7733;
const PORTS_TRIED = 50;
const LOOK_MS = 500;
const MOST_CONNECTIONS = 256;

/**
 * Serves the runs below a folder to browsers. It reads files alone: it needs no trainer and disturbs none.
 *
 * @param root the folder of runs, or one run's own
 * @throws Error if there is no such folder, the page is not built, or a port that was asked for is taken
 */
export async function startDashboard(root: string, options: DashboardOptions = {}): Promise<Dashboard> {
  const { port, host = '127.0.0.1', pageFolder } = options;
  if (port !== undefined && !(Number.isSafeInteger(port) && port >= 0 && port <= 65_535)) {
    throw new RangeError(`startDashboard(port): expected a number from 0 to 65535, received ${port}`);
  }
  const library = new RunLibrary(root);
  const token = isLoopback(host) ? undefined : randomBytes(16).toString('base64url');
  const watch = new Watch(library);
  const handler = new RequestHandler(
    library,
    new RequestGuard({ host, token }),
    watch.clients,
    loadPageAssets(pageFolder),
  );
  const server = createServer(
    {
      maxHeaderSize: 8192,
      headersTimeout: 5000,
      requestTimeout: 5000,
      keepAliveTimeout: 5000,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => void handler.handle(request, response),
  );
  server.maxConnections = MOST_CONNECTIONS;
  // A reply that nobody takes is given up; listeners are sent something more often than that.
  server.setTimeout(30_000, (socket) => socket.destroy());
  server.on('clientError', (_, socket) => socket.destroy());
  const taken = await listen(server, host, port);
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${shown}:${taken}/${token === undefined ? '' : `#token=${token}`}`,
    port: taken,
    close: () =>
      new Promise((resolve) => {
        watch.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function listen(server: Server, host: string, port: number | undefined): Promise<number> {
  const first = port ?? FIRST_PORT;
  for (let tried = first; ; tried++) {
    try {
      return await listenOn(server, host, tried);
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!isTaken || port !== undefined || tried >= first + PORTS_TRIED) throw error;
    }
  }
}

function listenOn(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Looks for changes while somebody listens for them. */
class Watch {
  readonly clients: EventClients;
  readonly #library: RunLibrary;
  readonly #stamps = new Map<string, string>();
  #list = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(library: RunLibrary) {
    this.#library = library;
    this.clients = new EventClients(() => this.#start());
  }

  #start(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  #look(): void {
    if (this.clients.count === 0) {
      this.close();
      return;
    }
    const { runs } = this.clients;
    for (const id of runs) {
      const stamp = this.#library.stamp(id);
      if (this.#stamps.get(id) === stamp) continue;
      this.#stamps.set(id, stamp);
      this.clients.tell(id);
    }
    for (const id of this.#stamps.keys()) if (!runs.has(id)) this.#stamps.delete(id);
    const list = [...this.#library.runs().values()].map(({ id, changedAt }) => `${id} ${changedAt}`).join('\n');
    if (list !== this.#list) this.clients.tell(undefined);
    this.#list = list;
  }

  close(): void {
    clearInterval(this.#timer);
    this.clients.close();
  }
}
