import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';

export interface RequestGuardOptions {
  /** What the server listens on. */
  readonly host: string;
  /** What must be shown for any data, or `undefined` if the server can be reached from this machine alone. */
  readonly token: string | undefined;
}

const LONGEST_URL = 4096;
const COOKIE = 'tidemark';
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Why a request is refused. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 405 | 414;
  readonly text: string;
}

/**
 * Decides whether a request may be answered, before anything of it is looked up: only reading methods, only under
 * names that are this server's (a page elsewhere can make a browser ask under its own), only from pages of this server.
 */
export class RequestGuard {
  readonly #names: ReadonlySet<string>;
  readonly #token: string | undefined;

  constructor({ host, token }: RequestGuardOptions) {
    this.#token = token;
    this.#names = isLoopback(host) ? LOOPBACK : new Set([...LOOPBACK, ...ownNames(), bracketed(host)]);
  }

  /** The refusal, or `undefined` if the request may be answered. */
  check(request: IncomingMessage): Refusal | undefined {
    const { method, headers, url = '' } = request;
    if ((method !== 'GET' && method !== 'HEAD') || headers.upgrade !== undefined) {
      return { status: 405, text: 'only GET and HEAD' };
    }
    const { host } = headers;
    if (host === undefined || !this.#names.has(nameOf(host))) return { status: 403, text: 'unknown Host' };
    const { origin } = headers;
    if (origin !== undefined && origin !== `http://${host}`) return { status: 403, text: 'another Origin' };
    if (headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate') {
      return { status: 403, text: 'another site' };
    }
    if (url.length > LONGEST_URL) return { status: 414, text: 'the address is too long' };
    // No path of ours has any of this; a file is never named by a path.
    const [path = ''] = url.split('?', 1);
    if (!/^\/[\w./-]*$/.test(path) || path.includes('..') || path.includes('//')) {
      return { status: 400, text: 'no address of this server' };
    }
    return undefined;
  }

  /** Whether the request may see data: it shows the token, or none is needed. */
  mayRead({ headers }: IncomingMessage): boolean {
    if (this.#token === undefined) return true;
    const bearer = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
    const cookie = new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]+)`).exec(headers.cookie ?? '')?.[1];
    return this.#isToken(bearer) || this.#isToken(cookie);
  }

  /** What a browser that has shown the token is given, so that it need not show it in every address. */
  get cookie(): string | undefined {
    if (this.#token === undefined) return undefined;
    return `${COOKIE}=${this.#token}; HttpOnly; SameSite=Strict; Path=/; Max-Age=604800`;
  }

  #isToken(shown: string | undefined): boolean {
    if (shown === undefined || this.#token === undefined) return false;
    // In constant time, whatever the length.
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest(shown), digest(this.#token));
  }
}

/** Whether a server on this address can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function ownNames(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));
  return [hostname().toLowerCase(), ...addresses.map(bracketed)];
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address.toLowerCase();
}

function nameOf(host: string): string {
  return host.replace(/:\d{1,5}$/, '').toLowerCase();
}
