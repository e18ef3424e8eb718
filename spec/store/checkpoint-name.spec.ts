import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  checkPrefix,
  checkpointSuffix,
  checkSuffix,
  isCheckpointPrefix,
  prefixesOf,
  suffixesOf,
} from '../../lib/store/checkpoint-name.js';

const test = suite('checkpointName');

test('tells what is one plain name', () => {
  for (const name of ['m', 'model.ckpt-500', '__proto__', 'a b', 'é'.repeat(90)])
    assert.ok(isCheckpointPrefix(name), name);
  for (const name of [
    '',
    '.',
    '..',
    '.a',
    'a/b',
    '../a',
    'a\\b',
    'a\0b',
    'a\nb',
    'a\u007f',
    '\ud800',
    'é'.repeat(91),
  ]) {
    assert.not.ok(isCheckpointPrefix(name), JSON.stringify(name));
  }
});

test('says which function was given what', () => {
  assert.throws(() => checkPrefix('open', '../x'), /^open\(prefix\): expected one file name .* received "\.\.\/x"$/);
  assert.throws(() => checkSuffix('.exe'), /^write\(files\): expected a suffix .* received "\.exe"$/);
});

test('knows the suffixes of checkpoints and no others', () => {
  for (const suffix of ['.index', '.data-00000-of-00001', '.safetensors', '.json', '.commit.json']) {
    assert.match(suffix, checkpointSuffix);
  }
  for (const suffix of [
    '',
    'index',
    '.txt',
    '.meta',
    '.index.bak',
    '.data-0-of-1',
    '.index\n',
    '-1.index',
    '.a.b.json',
  ]) {
    assert.not.match(suffix, checkpointSuffix);
  }
});

test('finds prefixes by their markers, each once', () => {
  const names = [
    'a.index',
    'a.safetensors',
    'b.data-00000-of-00001',
    '.index',
    '..index',
    'c.index.quarantined',
    'd.index',
  ];
  assert.equal(prefixesOf(names, ['.index', '.safetensors']), ['a', 'd']);
  assert.equal(prefixesOf(names, []), []);
});

test('does not take one prefix for the beginning of another', () => {
  const names = ['m-1.index', 'm-10.index', 'm-1.data-00000-of-00001', 'm-1.json', 'm-1.notes', 'm-1'];
  assert.equal(suffixesOf(names, 'm-1'), ['.index', '.data-00000-of-00001', '.json']);
});

test.run();
