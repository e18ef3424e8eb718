import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RunLibrary } from '../data/run-library.js';
import { Answers } from './answers.js';
import { BadRequestError } from './bad-request-error.js';
import type { EventClients } from './event-clients.js';
import type { PageAssets } from './page-assets.js';
import type { RequestGuard } from './request-guard.js';
import { SECURITY_HEADERS } from './security-headers.js';

const MOST_RUNS_WATCHED = 16;

type Reply = readonly [type: string, body: string | Uint8Array];

/** Answers requests. Every path is one of a fixed list; runs and tags are looked up by name. */
export class RequestHandler {
  readonly #guard: RequestGuard;
  readonly #clients: EventClients;
  readonly #page: ReadonlyMap<string, Reply>;
  readonly #data: ReadonlyMap<string, (query: URLSearchParams) => unknown>;
  readonly #answers: Answers;

  constructor(library: RunLibrary, guard: RequestGuard, clients: EventClients, assets: PageAssets) {
    const answers = new Answers(library);
    this.#guard = guard;
    this.#clients = clients;
    this.#answers = answers;
    this.#page = new Map([
      ['/', ['text/html; charset=utf-8', assets.html]],
      ['/app.js', ['text/javascript; charset=utf-8', assets.script]],
      ['/app.css', ['text/css; charset=utf-8', assets.style]],
    ]);
    this.#data = new Map<string, (query: URLSearchParams) => unknown>([
      ['/api/runs', (query) => answers.runs(query)],
      ['/api/run', (query) => answers.run(query)],
      ['/api/scalars', (query) => answers.scalars(query)],
      ['/api/histograms', (query) => answers.histograms(query)],
      ['/api/images', (query) => answers.images(query)],
      ['/api/texts', (query) => answers.texts(query)],
      ['/api/timeline', (query) => answers.timeline(query)],
    ]);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A body is never read: who sends one is cut off when the reply is sent.
    const refusal = this.#guard.check(request);
    if (refusal !== undefined) {
      this.#refuse(response, refusal.status, refusal.text);
      return;
    }
    const [path = '/', search = ''] = (request.url ?? '/').split('?', 2);
    const page = this.#page.get(path);
    if (page !== undefined) {
      this.#send(request, response, page);
      return;
    }
    if (!this.#guard.mayRead(request)) {
      this.#refuse(response, 401, 'this dashboard needs the token from the address that it printed');
      return;
    }
    const query = new URLSearchParams(search);
    try {
      await this.#answer(request, response, path, query);
    } catch (error) {
      if (error instanceof BadRequestError) this.#refuse(response, error.status, error.message);
      // What went wrong inside may name paths, and is nobody's business.
      else this.#refuse(response, 500, 'the run cannot be read');
    }
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: URLSearchParams,
  ): Promise<void> {
    const answer = this.#data.get(path);
    if (answer !== undefined) {
      const body = JSON.stringify(await answer(query), (_, value) =>
        typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
      );
      this.#send(request, response, ['application/json; charset=utf-8', body]);
    } else if (path === '/api/image') {
      const image = this.#answers.image(query);
      const type = image === undefined ? undefined : imageType(image);
      if (image === undefined || type === undefined) throw new BadRequestError(404, 'no such image');
      this.#send(request, response, [type, image]);
    } else if (path === '/api/session') {
      const { cookie } = this.#guard;
      if (cookie !== undefined) response.setHeader('Set-Cookie', cookie);
      this.#send(request, response, ['application/json', '{}']);
    } else if (path === '/api/events' && request.method === 'GET') {
      if (this.#clients.add(response, query.getAll('run').slice(0, MOST_RUNS_WATCHED))) return;
      response.setHeader('Retry-After', '5');
      this.#refuse(response, 503, 'too many listeners');
    } else {
      throw new BadRequestError(404, 'nothing here');
    }
  }

  #send({ method }: IncomingMessage, response: ServerResponse, [type, body]: Reply): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    response.writeHead(200, { ...SECURITY_HEADERS, 'Content-Type': type, 'Content-Length': bytes.length });
    response.end(method === 'HEAD' ? undefined : bytes);
  }

  #refuse(response: ServerResponse, status: number, text: string): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.writeHead(status, {
      ...SECURITY_HEADERS,
      'Content-Type': 'text/plain; charset=utf-8',
      ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
      Connection: 'close',
    });
    response.end(`${text}\n`);
  }
}

/** Only pictures that cannot hold a script: by their first bytes, whatever a file says of itself. */
function imageType(bytes: Uint8Array): string | undefined {
  const starts = (...first: readonly number[]): boolean => first.every((byte, i) => bytes[i] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47)) return 'image/png';
  if (starts(0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (starts(0x47, 0x49, 0x46, 0x38)) return 'image/gif';
  return undefined;
}
