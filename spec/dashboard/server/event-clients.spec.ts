import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EventClients } from '../../../lib/dashboard/server/event-clients.js';

const test = suite('EventClients');

test('lets go of a listener that does not read, at a backlog of a megabyte, and of no other', async () => {
  const clients = new EventClients(() => {});
  const run = 'x'.repeat(4000);
  const server = createServer((_, response) => clients.add(response, [run]));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let heard = 0;
  const listen = (isSlow: boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port }, (response) => {
        if (!isSlow) response.on('data', (chunk: Buffer) => (heard += chunk.length));
        response.on('error', () => {});
        resolve();
      });
      asked.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? undefined : reject(error)));
      asked.end();
    });
  await listen(true);
  await listen(false);
  assert.is(clients.count, 2);
  let told = 0;
  // What the kernel holds for a connection comes before what is held here.
  while (clients.count === 2 && told < 20_000) {
    for (let i = 0; i < 20; i++) clients.tell(run);
    told += 20;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert.is(clients.count, 1, `after ${told} messages`);
  const before = heard;
  clients.tell(run);
  while (heard === before) await new Promise((resolve) => setTimeout(resolve, 5));
  clients.close();
  assert.is(clients.count, 0);
  server.closeAllConnections();
  server.close();
});

test.run();
