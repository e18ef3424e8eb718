import { EventEmitter } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Keyboard } from '../../../../lib/cli/session/keys/keyboard.js';

const test = suite('Keyboard');

function fakeTerminal(platform = 'linux') {
  const did: string[] = [];
  let hear = (_: Uint8Array | string): void => {};
  const world = { isForeground: true };
  const system = Object.assign(new EventEmitter(), {
    pid: 42,
    platform,
    kill: (pid: number, signal: string) => did.push(`kill ${pid} ${signal}`),
  });
  const open = () => ({
    setRawMode: (isRaw: boolean) => did.push(isRaw ? 'raw' : 'cooked'),
    on: (_: 'data', listener: typeof hear) => {
      hear = listener;
    },
    unref: () => {},
    destroy: () => did.push('closed'),
  });
  const heard: string[] = [];
  const keyboard = new Keyboard(
    open,
    (key) => heard.push(key),
    system,
    () => world.isForeground,
  );
  return { did, heard, system, world, keyboard, type: (text: string) => hear(Buffer.from(text)) };
}

test('hears keys, and no letter of a sequence', () => {
  const { heard, type, keyboard } = fakeTerminal();
  for (const text of ['s', 'pq', '\x1b[A', '\x1bOP', '\x1b[1;5C', '\x1bs', '\x1b[200~h', '\x1b']) type(text);
  assert.equal(heard, ['s', 'p', 'q', 'h']);
  keyboard.close();
});

test('raises what the terminal would, for its whole foreground', () => {
  const { did, heard, type, keyboard } = fakeTerminal();
  type('\x03');
  type('\x1c');
  assert.equal([did, heard], [['raw', 'kill 0 SIGINT', 'kill 0 SIGQUIT'], []]);
  keyboard.close();
});

test('gives the terminal back before anybody is suspended, and takes it again only in the foreground', () => {
  const { did, system, world, type, keyboard } = fakeTerminal();
  type('\x1a');
  assert.equal(did, ['raw', 'cooked', 'closed', 'kill 0 SIGTSTP']);
  world.isForeground = false;
  system.emit('SIGCONT');
  assert.is(keyboard.isListening, false);
  world.isForeground = true;
  system.emit('SIGCONT');
  assert.equal([keyboard.isListening, did.at(-1)], [true, 'raw']);
  keyboard.close();
});

test('gives it back once, at the end or when the process exits, and lets go of the process', () => {
  for (const ends of [true, false]) {
    const { did, system, keyboard } = fakeTerminal();
    if (ends) keyboard.close();
    else system.emit('exit');
    keyboard.close();
    assert.equal(did, ['raw', 'cooked', 'closed']);
    assert.equal(system.eventNames(), []);
    system.emit('SIGCONT');
    assert.is(keyboard.isListening, false);
  }
});

test('leaves a terminal alone in the background', () => {
  const did: string[] = [];
  const system = Object.assign(new EventEmitter(), { pid: 42, platform: 'linux', kill: () => {} });
  const open = () => {
    did.push('opened');
    throw new Error('it is not mine');
  };
  new Keyboard(
    open,
    () => {},
    system,
    () => false,
  ).close();
  assert.equal(did, []);
});

test('where there are no process groups, Ctrl-C is a signal of this process alone', () => {
  const { did, system, type, keyboard } = fakeTerminal('win32');
  let interrupts = 0;
  system.on('SIGINT', () => interrupts++);
  type('\x03');
  type('\x1a');
  assert.equal([interrupts, did], [1, ['raw']]);
  keyboard.close();
});

test.run();
