import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Dashboard, startDashboard } from '../../lib/dashboard/start-dashboard.js';
import { ended, recordedSession } from '../hook/record/recorded-session.js';
import { pageFolder } from './page-folder.js';

const test = suite('startDashboard');
const outside = mkdtempSync(join(tmpdir(), 'tidemark-outside-'));
const root = mkdtempSync(join(tmpdir(), 'tidemark-root-'));
const SECRET = 'the-secret-outside-of-the-root';
let dashboard: Dashboard;

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Asks with a path as it stands, which `fetch` would tidy up first. */
function ask(
  path: string,
  options: { readonly method?: string; readonly headers?: Record<string, string>; readonly port?: number } = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, port = dashboard.port } = options;
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path, method, headers: { host: `127.0.0.1:${port}`, ...headers } },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        response.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

test.before(async () => {
  writeFileSync(join(outside, 'secret.txt'), SECRET);
  mkdirSync(join(outside, 'run'));
  writeFileSync(join(outside, 'run', 'run.events.ndjson'), `{"v":1,"kind":"begin","t":0,"run":"${SECRET}","at":""}\n`);
  await ended(recordedSession(join(root, 'calm-otter'), { steps: 25 }));
  symlinkSync(join(outside, 'run'), join(root, 'linked'));
  mkdirSync(join(root, 'half'));
  symlinkSync(join(outside, 'secret.txt'), join(root, 'half', 'run.json'));
  symlinkSync(join(outside, 'run', 'run.events.ndjson'), join(root, 'half', 'run.events.ndjson'));
  writeFileSync(join(root, 'half', 'events.out.tfevents.1.x'), 'no event file at all');
  dashboard = await startDashboard(root, { port: 0, pageFolder: await pageFolder() });
});

test.after(async () => {
  await dashboard.close();
  rmSync(root, { recursive: true, force: true });
  rmSync(outside, { recursive: true, force: true });
});

test('answers with the runs, the page and a strict policy', async () => {
  const page = await ask('/');
  assert.is(page.status, 200);
  assert.match(page.text, '<div id="app">');
  assert.is(
    page.headers['content-security-policy'],
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  assert.is(page.headers['x-content-type-options'], 'nosniff');
  assert.is(page.headers['referrer-policy'], 'no-referrer');
  assert.is(page.headers['cross-origin-resource-policy'], 'same-origin');
  assert.is(page.headers['access-control-allow-origin'], undefined);

  const runs = JSON.parse((await ask('/api/runs')).text);
  assert.equal(
    runs.runs.map(({ id }: { id: string }) => id).sort(),
    ['calm-otter', 'half'],
    'a linked folder is none of the runs',
  );
  const run = JSON.parse((await ask('/api/run?run=calm-otter')).text);
  assert.is(run.state, 'finished');
  assert.equal(run.tags.scalars, ['loss']);
  assert.equal(
    run.checkpoints.map(({ globalStep, reason }: { globalStep: number; reason: string }) => [globalStep, reason]),
    [
      [20, 'among the latest 2'],
      [25, 'among the latest 2'],
    ],
  );
  const { series } = JSON.parse((await ask('/api/scalars?run=calm-otter&tag=loss')).text);
  assert.is(series[0].values.at(-1), 1 / 25);
  const timeline = JSON.parse((await ask('/api/timeline?run=calm-otter&fromStep=9&toStep=11&columns=500')).text);
  assert.ok(timeline.steps.some(({ step }: { step: number }) => step === 10));
  assert.ok(timeline.items.some(({ lane, step }: { lane: string; step: number }) => lane === 'saves' && step === 10));
});

test('no request reaches outside of the root', async () => {
  const climbs = [
    '..',
    '%2e%2e',
    '..%2f',
    '%2e%2e%2f',
    '..%5c',
    '%252e%252e',
    '.%2e',
    '..;',
    '%c0%ae%c0%ae',
    '..%00',
    '\\..',
  ];
  const targets = ['secret.txt', `${outside}/secret.txt`, 'run/run.events.ndjson', 'etc/passwd'];
  const paths: string[] = [];
  for (const climb of climbs) {
    for (const target of targets) {
      for (let depth = 1; depth <= 6; depth++) {
        const way = `${`${climb}/`.repeat(depth)}${target}`;
        paths.push(`/${way}`, `/api/run?run=${way}`, `/api/image?run=calm-otter&tag=${way}`);
      }
    }
  }
  paths.push(
    '/linked/run.events.ndjson',
    '/api/run?run=linked',
    '/api/run?run=%00',
    `/api/run?run=${outside}/run`,
    '/api//run',
    '/api/run/../../x',
    'http://127.0.0.1/../secret',
    '/app.js/..%2f',
  );
  assert.ok(paths.length > 500);
  const before = readdirSync(root, { recursive: true });
  for (const path of paths) {
    const { status, text } = await ask(path).catch((error: Error) => ({ status: 400, text: error.message }));
    assert.ok([400, 403, 404].includes(status), `${status} for ${path}`);
    assert.not.match(text, SECRET);
    assert.not.match(text, 'root:');
  }
  const half = await ask('/api/run?run=half');
  assert.is(half.status, 200);
  assert.not.match(half.text, SECRET);
  assert.match(half.text, 'faults');
  assert.equal(readdirSync(root, { recursive: true }), before, 'nothing was written');
});

test('answers only under its own names, and only to its own pages', async () => {
  for (const host of [
    'evil.example',
    'evil.example:7733',
    '127.0.0.1.evil.example',
    'localhost.evil',
    '0.0.0.0',
    '[::2]',
    '127.0.0.1@evil',
    'LOCALHOST%00',
  ]) {
    const { status } = await ask('/api/runs', { headers: { host } }).catch(() => ({ status: 400 }));
    assert.ok(status === 403 || status === 400, `${status} for Host ${host}`);
  }
  for (const host of ['localhost:1', '127.0.0.1:80', '[::1]:9', 'LocalHost']) {
    assert.is((await ask('/api/runs', { headers: { host } })).status, 200, host);
  }
  for (const origin of ['http://evil.example', 'null', 'https://127.0.0.1', `http://localhost:${dashboard.port}`]) {
    assert.is((await ask('/api/runs', { headers: { origin } })).status, 403, origin);
  }
  assert.is((await ask('/api/runs', { headers: { origin: `http://127.0.0.1:${dashboard.port}` } })).status, 200);
  assert.is(
    (await ask('/api/runs', { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' } })).status,
    403,
  );
});

test('only reads', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    const { status, headers } = await ask('/api/runs', { method });
    assert.is(status, 405, method);
    assert.is(headers['access-control-allow-origin'], undefined);
  }
  assert.is((await ask('/api/runs', { headers: { upgrade: 'websocket', connection: 'Upgrade' } })).status, 405);
  const head = await ask('/api/runs', { method: 'HEAD' });
  assert.is(head.status, 200);
  assert.is(head.text, '');
});

test('refuses questions that make no sense', async () => {
  for (const path of [
    '/api/scalars?run=calm-otter',
    '/api/scalars?run=calm-otter&tag=loss&points=1e9',
    '/api/scalars?run=calm-otter&tag=loss&from=NaN',
    '/api/timeline?run=calm-otter&columns=0',
    '/api/timeline?run=calm-otter&since=x',
    '/api/timeline?run=calm-otter&fromStep=9&toStep=1',
    '/api/run',
    '/api/run?run=nobody',
    '/api/image?run=calm-otter&tag=loss',
    '/api/nothing',
    '/favicon.ico',
  ]) {
    const { status } = await ask(path);
    assert.ok(status === 400 || status === 404, `${status} for ${path}`);
  }
  const long = await ask(`/api/run?run=${'x'.repeat(7000)}`);
  assert.is(long.status, 414);
  const longer = await ask(`/${'x'.repeat(20_000)}`).catch(() => ({ status: 431 }));
  assert.is(longer.status, 431);
  assert.is((await ask('/api/runs')).status, 200, 'and goes on');
});

test('has room for 64 listeners, and says so to the next', async () => {
  const open: (() => void)[] = [];
  const listen = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const asked = request(
        { host: '127.0.0.1', port: dashboard.port, path: '/api/events?run=calm-otter' },
        (response) => {
          response.resume();
          response.on('error', () => {});
          if (response.statusCode === 200) open.push(() => asked.destroy());
          else assert.is(response.headers['retry-after'], '5');
          resolve(response.statusCode ?? 0);
        },
      );
      asked.on('error', reject);
      asked.end();
    });
  const statuses: number[] = [];
  for (let i = 0; i < 70; i++) statuses.push(await listen());
  assert.is(statuses.filter((status) => status === 200).length, 64);
  assert.is(statuses.filter((status) => status === 503).length, 6);
  for (const close of open.splice(0)) close();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.is(await listen(), 200, 'there is room again');
  for (const close of open) close();
});

test('tells listeners of a run that changes', async () => {
  const events = new Promise<string>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: dashboard.port, path: '/api/events?run=live' }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
        if (text.includes('event: changed\ndata: {"run":"live"}')) {
          asked.destroy();
          resolve(text);
        }
      });
    });
    asked.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? undefined : reject(error)));
    asked.end();
  });
  await ended(recordedSession(join(root, 'live'), { steps: 5 }));
  assert.match(await events, 'event: changed');
  rmSync(join(root, 'live'), { recursive: true, force: true });
});

test('lets go of who sends half a header', async () => {
  const closed = new Promise<number>((resolve) => {
    const started = performance.now();
    const socket = connect(dashboard.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-'));
    socket.on('error', () => {});
    socket.on('close', () => resolve(performance.now() - started));
  });
  const waited = await closed;
  assert.ok(waited > 4000 && waited < 9000, `closed after ${waited} ms`);
});

test('takes the next port where one is taken, unless one was asked for', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const { port } = blocker.address() as { port: number };
  try {
    await startDashboard(root, { port, pageFolder: await pageFolder() });
    assert.unreachable();
  } catch (error) {
    assert.is((error as NodeJS.ErrnoException).code, 'EADDRINUSE');
  }
  blocker.close();
  const [first, second] = [
    await startDashboard(root, { pageFolder: await pageFolder() }),
    await startDashboard(root, { pageFolder: await pageFolder() }),
  ];
  assert.ok(first.port >= 7733 && second.port > first.port);
  await first.close();
  await second.close();
});

test('needs its token where other machines can reach it', async () => {
  const wide = await startDashboard(root, { port: 0, host: '0.0.0.0', pageFolder: await pageFolder() });
  const { port } = wide;
  const token = /#token=([\w-]{22})$/.exec(wide.url)?.[1] ?? '';
  assert.ok(token !== '');
  const status = async (headers: Record<string, string>): Promise<number> =>
    (await ask('/api/runs', { port, headers })).status;
  assert.is(await status({}), 401);
  assert.is(await status({ authorization: 'Bearer nonsense' }), 401);
  assert.is(await status({ cookie: `tidemark=${token.slice(1)}` }), 401);
  assert.is(await status({ authorization: `Bearer ${token}` }), 200);
  assert.is(await status({ cookie: `other=1; tidemark=${token}` }), 200);
  assert.is((await ask('/api/events', { port })).status, 401);
  assert.is((await ask('/', { port })).status, 200, 'the page itself says nothing');
  const session = await ask('/api/session', { port, headers: { authorization: `Bearer ${token}` } });
  assert.match(String(session.headers['set-cookie']), /HttpOnly; SameSite=Strict/);
  await wide.close();
});

test('a folder that is not there is an error, and an empty one is not', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'tidemark-empty-'));
  const served = await startDashboard(empty, { port: 0, pageFolder: await pageFolder() });
  assert.equal(JSON.parse((await ask('/api/runs', { port: served.port })).text).runs, []);
  await served.close();
  assert.is(statSync(empty).isDirectory(), true);
  rmSync(empty, { recursive: true });
  try {
    await startDashboard(empty, { port: 0, pageFolder: await pageFolder() });
    assert.unreachable();
  } catch (error) {
    assert.is((error as NodeJS.ErrnoException).code, 'ENOENT');
  }
});

test.run();
