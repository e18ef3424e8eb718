import { decode } from 'fast-png';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeSprite } from '../../../../lib/format/event/projector/encode-sprite.js';
import { encodeLabels, encodeVectors } from '../../../../lib/format/event/projector/encode-tsv.js';
import { encodeProjectorConfig } from '../../../../lib/format/event/projector/projector-config.js';
import { projectorFile } from '../fixture.js';
import { isError } from '../is-error.js';

const test = suite('projector');

test('writes the files of PyTorch', () => {
  const folder = '00001/default';
  const config = {
    tensorName: 'default:00001',
    metadataPath: `${folder}/metadata.tsv`,
    tensorPath: `${folder}/tensors.tsv`,
  };
  assert.is(encodeProjectorConfig([config]), projectorFile('projector_config.pbtxt'));
  assert.is(encodeLabels(['a', 'b', 'c', 'd']), projectorFile(config.metadataPath));
  const tensors = projectorFile(config.tensorPath);
  assert.is(encodeVectors(tensors.trim().split(/\s+/).map(Number), 3), tensors);
});

test('escapes names and adds what is optional', () => {
  const text = encodeProjectorConfig([
    {
      tensorName: 'a"b\\c\nü',
      tensorPath: 't',
      tensorShape: [4, 3],
      sprite: { imagePath: 's.png', width: 8, height: 6 },
      bookmarksPath: 'b',
    },
    { tensorName: 'second', tensorPath: 't' },
  ]);
  assert.match(
    text,
    '  tensor_name: "a\\"b\\\\c\\012ü"\n  bookmarks_path: "b"\n  tensor_shape: 4\n  tensor_shape: 3\n',
  );
  assert.match(text, '  sprite {\n    image_path: "s.png"\n    single_image_dim: 8\n    single_image_dim: 6\n  }\n');
  assert.is(text.match(/embeddings/g)?.length, 2);
  assert.throws(() => encodeProjectorConfig([{ tensorName: '', tensorPath: 't' }]), isError(RangeError));
  assert.throws(
    () =>
      encodeProjectorConfig([
        { tensorName: 'a', tensorPath: 't' },
        { tensorName: 'a', tensorPath: 't' },
      ]),
    /a again/,
  );
  assert.throws(
    () => encodeProjectorConfig([{ tensorName: 'a', tensorPath: 't', tensorShape: [0, 3] }]),
    isError(RangeError),
  );
});

test('writes labels with names for columns only where there are several', () => {
  assert.is(
    encodeLabels(
      [
        ['a', '1'],
        ['b', '2'],
      ],
      ['name', 'class'],
    ),
    'name\tclass\na\t1\nb\t2\n',
  );
  assert.throws(() => encodeLabels(['a\tb']), isError(RangeError));
  assert.throws(() => encodeLabels(['a\nb']), isError(RangeError));
  assert.throws(() => encodeLabels([['a', 'b']]), isError(RangeError));
  assert.throws(() => encodeVectors([1, 2, 3], 2), isError(RangeError));
  assert.throws(() => encodeVectors([Number.NaN], 1), isError(RangeError));
});

test('lays small pictures out in a square', () => {
  const data = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const file = encodeSprite({ shape: [3, 1, 2, 1], data });
  const { width, height, data: pixels } = decode(file);
  assert.equal([width, height, [...pixels]], [4, 2, [1, 2, 3, 4, 5, 6, 0, 0]]);
  assert.throws(() => encodeSprite({ shape: [2, 1, 2, 1], data }), isError(RangeError));
  assert.throws(() => encodeSprite({ shape: [100, 1000, 1000, 1], data }), /8192/);
});

test.run();
