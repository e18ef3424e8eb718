// The commands that look at runs: `ls`, `show`, `timeline`, `tail`, `export`, and `dashboard` as far as it refuses.

import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pageFolder } from '../dashboard/page-folder.js';
import { ended, recordedSession, temporaryRuns } from '../hook/record/recorded-session.js';
import { tidemark, tidemarkWith } from './fake-io.js';

const test = suite('tidemark ls, show, timeline, tail, export, dashboard');
const { root, remove } = temporaryRuns();
const EVIL = '\x1b]0;owned\x07\u202e<b>';

const linesOf = (text: string): string[] => text.trimEnd().split('\n');
const runJson = (name: string): string => join(root, 'runs', name, 'run.json');

/** Changes the record of a run, as another process, another version or a fault would have left it. */
function rewrite(name: string, change: (record: Record<string, unknown>) => void): void {
  const record = JSON.parse(readFileSync(runJson(name), 'utf8')) as Record<string, unknown>;
  change(record);
  writeFileSync(runJson(name), JSON.stringify(record));
}

test.before(async () => {
  const options = { steps: 25, totalSteps: 25, config: { lr: 0.1 }, seed: 7 };
  await ended(recordedSession(join(root, 'runs', 'calm-otter'), { ...options, holdMs: 20 }));
  await ended(recordedSession(join(root, 'runs', 'dull-crab'), options));
  rewrite('dull-crab', (record) => {
    record['state'] = 'running';
    record['globalStep'] = 12;
    const [process] = record['processes'] as Record<string, unknown>[];
    record['processes'] = [{ ...process, host: 'another', boot: 'another', pidSpace: 'another' }];
    record['heartbeatAt'] = '2020-01-01T00:00:00.000Z';
  });
  writeFileSync(join(root, 'runs', 'dull-crab', 'tidemark.command.json'), '{}');
  await ended(recordedSession(join(root, 'runs', 'sad-gull'), { steps: 5, failAt: 3 }));
  await ended(recordedSession(join(root, 'runs', 'broken-crane'), { steps: 5 }));
  writeFileSync(runJson('broken-crane'), '{"v":1,"id":');
  await ended(recordedSession(join(root, 'runs', 'newer-knot'), { steps: 5 }));
  rewrite('newer-knot', (record) => {
    record['v'] = 2;
  });
  mkdirSync(join(root, 'runs', 'no-run-at-all'));
});
test.after(remove);

test('ls lists the runs, the newest first, and passes over what is damaged', async () => {
  const { exitCode, out, err } = await tidemark(root, 'ls');
  assert.is(exitCode, 0);
  const [header = '', ...rows] = linesOf(out);
  assert.match(header, /^RUN +STATE +STEP +LOSS +CKPT +AGE$/);
  assert.equal(
    rows.map((row) => row.split(/ {2,}/).slice(0, 3)),
    [
      ['sad-gull', 'failed', '2'],
      ['calm-otter', 'finished', '25/25'],
      ['dull-crab', 'crashed', '12/25'],
    ],
  );
  assert.match(rows[1] ?? '', / 0\.04 +model\.ckpt-25 +now$/);
  assert.match(rows[2] ?? '', /resume: tidemark resume dull-crab$/);
  assert.match(err, /^warning broken-crane: .*not JSON/m);
  assert.match(err, /^warning newer-knot: .*version 2 is not 1/m);
  assert.not.match(out, 'no-run-at-all');
});

test('ls --json prints an object a run', async () => {
  const { out } = await tidemark(root, 'ls', 'runs', '--json');
  const runs = linesOf(out).map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(
    runs.map(({ name, state, globalStep }) => [name, state, globalStep]),
    [
      ['sad-gull', 'failed', 2],
      ['calm-otter', 'finished', 25],
      ['dull-crab', 'crashed', 12],
    ],
  );
});

test('ls says so where there is nothing, or no folder', async () => {
  const none = await tidemark(root, 'ls', 'runs/no-run-at-all');
  assert.equal([none.exitCode, none.out], [0, '']);
  assert.match(none.err, /^no runs yet/);
  const nowhere = await tidemark(root, 'ls', 'nowhere');
  assert.equal(
    [nowhere.exitCode, nowhere.out, nowhere.err],
    [2, '', 'error  nowhere is not a folder\nfix    name the folder of your runs\n'],
  );
});

test('show prints what a run says of itself, and why its checkpoints are kept', async () => {
  const { exitCode, out, err } = await tidemark(root, 'show', 'calm-otter');
  assert.equal([exitCode, err], [0, '']);
  assert.match(out, /^state {6}finished/m);
  assert.match(out, /^step {7}25\/25$/m);
  assert.match(out, /^seed {7}7$/m);
  assert.match(out, /^settings {3}lr=0\.1$/m);
  assert.match(out, /^ {2}model\.ckpt-25 {2}\d+ bytes {2}among the latest 2$/m);
  const json = await tidemark(root, 'show', 'runs/calm-otter', '--json');
  const record = JSON.parse(json.out) as { id: string; checkpoints: readonly { prefix: string }[] };
  assert.equal(
    record.checkpoints.map(({ prefix }) => prefix),
    ['model.ckpt-20', 'model.ckpt-25'],
  );
});

for (const [run, fault] of [
  ['broken-crane', /not JSON/],
  ['newer-knot', /version 2 is not 1/],
] as const) {
  test(`show says what is wrong with ${run}, and its events can be read all the same`, async () => {
    const { exitCode, out, err } = await tidemark(root, 'show', run);
    assert.equal([exitCode, out], [3, '']);
    assert.match(err, fault);
    assert.match(err, /^error {2}\S+ has no record that can be read\nfix {4}/m);
    const events = await tidemark(root, 'tail', run, '--json');
    assert.is(events.exitCode, 0);
    assert.is((JSON.parse(linesOf(events.out).at(-1) ?? '') as { kind: string }).kind, 'finished');
  });
}

for (const command of ['show', 'timeline', 'tail', 'export']) {
  const flags = command === 'export' ? ['--html'] : [];
  test(`${command} asks whether another run was meant`, async () => {
    const { exitCode, out, err } = await tidemark(root, command, 'calm-oter', ...flags);
    assert.equal([exitCode, out], [2, '']);
    const shown = [command, ...flags].join(' ');
    assert.is(
      err,
      `error  there is no run calm-oter, neither here nor in runs\nfix    did you mean "calm-otter"?  tidemark ${shown} calm-otter\n`,
    );
  });

  test(`${command} prints no escape that is in a name, and takes any name`, async () => {
    for (const name of [EVIL, 'a\0b', 'x'.repeat(5000), '../../nowhere', '__proto__']) {
      const { exitCode, err } = await tidemark(root, command, name, ...flags);
      assert.is(exitCode, 2, JSON.stringify(name.slice(0, 9)));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      assert.not.match(err, /[\x00-\x09\x0b-\x1f\u202e]/);
    }
  });
}

test('timeline draws steps, holds and saves between two steps', async () => {
  const { exitCode, out } = await tidemark(root, 'timeline', 'calm-otter', '--from', '9', '--to', '11');
  assert.is(exitCode, 0);
  const [steps = '', holds = '', saves = ''] = linesOf(out);
  assert.match(steps, /^steps +-*s-+s-+s-*.* s step$/);
  assert.match(holds, /^holds .*h-*H/);
  assert.match(saves, /^saves .*b-*a/);
  assert.match(out, /step 10 {2}hold \d+ ms \(uploadToS3\)/);
  const json = await tidemark(root, 'timeline', 'calm-otter', '--from', '9', '--to', '11', '--json');
  const { items } = JSON.parse(json.out) as { items: readonly { step: number }[] };
  assert.ok(items.length > 0 && items.every(({ step }) => step >= 9 && step <= 11));
});

test('timeline refuses steps that are none, and a run without events', async () => {
  for (const range of [
    ['--from', '-1'],
    ['--to', 'x'],
    ['--from', '9', '--to', '3'],
    ['--from', '1e3'],
  ]) {
    const { exitCode, err } = await tidemark(root, 'timeline', 'calm-otter', ...range);
    assert.is(exitCode, 2, range.join(' '));
    assert.match(err, /whole number|--from must not be above --to/);
  }
  const none = await tidemark(root, 'timeline', 'no-run-at-all');
  assert.is(none.exitCode, 3);
  assert.match(none.err, /has no events\nfix /);
});

test('tail prints the last events, and passes over a line that a crash cut in two', async () => {
  const last = await tidemark(root, 'tail', 'calm-otter', '-n', '2');
  assert.is(last.exitCode, 0);
  assert.is(linesOf(last.out).length, 2);
  assert.match(last.out, /finished/);
  const json = await tidemark(root, 'tail', 'calm-otter', '--json', '-n', '1000');
  const kinds = linesOf(json.out).map((line) => (JSON.parse(line) as { kind: string }).kind);
  assert.is(kinds[0], 'begin');
  assert.equal(kinds.filter((kind) => kind === 'afterSave').length, 4);
  appendFileSync(join(root, 'runs', 'broken-crane', 'run.events.ndjson'), '{"v":1,"kind":"st');
  assert.is((await tidemark(root, 'tail', 'broken-crane')).exitCode, 0);
  assert.is((await tidemark(root, 'tail', 'calm-otter', '-n', 'many')).exitCode, 2);
});

test('tail -f goes on until the run is over', async () => {
  const folder = join(root, 'runs', 'live-seal');
  const run = ended(recordedSession(folder, { steps: 40, holdMs: 150 }));
  while (!existsSync(join(folder, 'run.json'))) await new Promise((resolve) => setTimeout(resolve, 10));
  const { exitCode, out } = await tidemark(root, 'tail', '-f', 'live-seal', '--json');
  assert.is(exitCode, 0);
  const events = linesOf(out).map((line) => JSON.parse(line) as { kind: string });
  assert.is(events.at(-1)?.kind, 'finished');
  assert.is(events.filter(({ kind }) => kind === 'begin').length, 1, 'nothing is told twice');
  await run;
});

test('a run whose names are hostile is shown, and none of it reaches the terminal as it is', async () => {
  const folder = join(root, 'runs', `evil${EVIL.replace('<b>', '')}`);
  await ended(recordedSession(folder, { steps: 5, id: EVIL, command: EVIL, config: { [EVIL]: EVIL } }));
  for (const args of [['ls'], ['show', folder], ['timeline', folder], ['tail', folder]]) {
    const { exitCode, out, err } = await tidemark(root, ...args);
    assert.is(exitCode, 0, err);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.not.match(out + err, /[\x00-\x09\x0b-\x1f\u202e]/, args[0]);
  }
});

test('export writes one page, and refuses what is no run', async () => {
  const page = { pageFolder: await pageFolder() };
  const { exitCode, out, err } = await tidemarkWith(page, root, 'export', 'calm-otter', '--html', '-o', 'out.html');
  assert.is(exitCode, 0, err);
  assert.is(out, 'out.html\n');
  assert.match(err, /^calm-otter: [\d.]+ kB$/m);
  const html = readFileSync(join(root, 'out.html'), 'utf8');
  assert.match(html, /<script type="application\/json" id="tidemark-data">\{/);
  assert.match(html, 'uploadToS3');
  const none = await tidemarkWith(page, root, 'export', 'no-run-at-all', '--html');
  assert.equal([none.exitCode, none.out], [3, '']);
  assert.match(none.err, /^error {2}no-run-at-all has nothing to show\nfix /);
  assert.not(existsSync(join(root, 'no-run-at-all.html')));
  const which = await tidemark(root, 'export', 'calm-otter');
  assert.equal(
    [which.exitCode, which.err],
    [2, 'error  export needs to know what to write\nfix    --html  writes one page that needs no server\n'],
  );
});

test('dashboard refuses a folder that is none, and ports that are none or taken', async () => {
  const nowhere = await tidemark(root, 'dashboard', 'nowhere');
  assert.is(nowhere.exitCode, 2);
  assert.match(nowhere.err, /^error {2}nowhere is not a folder\nfix /);
  for (const port of ['x', '-1', '65536', '1.5']) {
    const { exitCode, err } = await tidemark(root, 'dashboard', '--port', port);
    assert.is(exitCode, 2, port);
    assert.match(err, /--port (must be|is too large: it must be) a whole number from 0 to 65535/);
  }
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const { port } = blocker.address() as { port: number };
  const world = { pageFolder: await pageFolder() };
  const taken = await tidemarkWith(world, root, 'dashboard', '--port', String(port));
  assert.equal(taken, {
    exitCode: 2,
    out: '',
    err: `error  --port ${port} is in use by another program\nfix    leave --port out, and the next free one is found; or --port 0\n`,
  });
  blocker.close();
});

test.run();
