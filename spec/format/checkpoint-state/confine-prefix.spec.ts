import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CorruptDataError } from '../../../lib/error/corrupt-data-error.js';
import { confinePrefix } from '../../../lib/format/checkpoint-state/confine-prefix.js';

const test = suite('confinePrefix');

test('keeps relative paths that stay inside', () => {
  for (const [path, prefix] of [
    ['ckpt-4', 'ckpt-4'],
    ['./ckpt-4', 'ckpt-4'],
    ['sub/ckpt-4', 'sub/ckpt-4'],
    ['sub//./ckpt-4', 'sub/ckpt-4'],
    ['ü 日', 'ü 日'],
    ['..ckpt', '..ckpt'],
    ['a..b/...', 'a..b/...'],
    ['model:v1/ckpt', 'model:v1/ckpt'],
  ] as const) {
    assert.is(confinePrefix(path), prefix);
  }
});

test('reduces absolute paths of any system to their last part', () => {
  for (const path of [
    '/models/123/m-1',
    '//m-1',
    'C:\\models\\m-1',
    'c:/models/m-1',
    'C:m-1',
    '\\\\server\\share\\m-1',
    'gs://bucket/run/m-1',
    'file:///models/m-1',
  ]) {
    assert.is(confinePrefix(path), 'm-1', path);
  }
});

test('refuses what leads out, names a folder or no file', () => {
  for (const path of [
    '',
    '..',
    '../m',
    'a/../m',
    'a/..',
    '..\\m',
    'a\\..\\m',
    '/a/../m',
    '/..',
    'm\0',
    '/',
    'a/',
    '.',
    './',
    '/.',
    'C:',
    'C:\\',
    'C:..',
    './C:m',
    '/C:m',
    'gs://',
  ]) {
    assert.throws(
      () => confinePrefix(path, 'state'),
      (error: unknown) => error instanceof CorruptDataError && error.message.includes('(state)'),
      JSON.stringify(path),
    );
  }
});

test('law: what it gives is a path inside, and stays as it is', () => {
  const path = fc.string({ unit: fc.constantFrom('a', '.', '..', '/', '\\', ':', 'C:', '\0', ' ', 'gs://') });
  fc.assert(
    fc.property(path, (text) => {
      let prefix: string;
      try {
        prefix = confinePrefix(text);
      } catch (error) {
        assert.instance(error, CorruptDataError);
        return;
      }
      assert.is(confinePrefix(prefix), prefix);
      assert.ok(!prefix.startsWith('/') && !prefix.includes('\0') && prefix !== '');
      for (const part of prefix.split('/')) assert.ok(part !== '' && part !== '.' && part !== '..', prefix);
      for (const part of prefix.split('\\')) assert.is.not(part, '..');
    }),
    { numRuns: 5000 },
  );
});

test.run();
