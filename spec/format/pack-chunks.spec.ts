import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packChunks } from '../../lib/format/pack-chunks.js';

const test = suite('packChunks');

test('gives the same bytes in the same order, in chunks of at most 2 MiB', () => {
  const size = fc.constantFrom(0, 1, 100_000, 400_000, (512 << 10) - 1, 512 << 10, 600_000, 1 << 20, (2 << 20) + 1);
  fc.assert(
    fc.property(fc.array(size, { maxLength: 8 }), (sizes) => {
      const pieces = sizes.map((length, i) => new Uint8Array(length).fill(i + 1));
      const chunks: Uint8Array[] = [];
      for (const chunk of packChunks(pieces)) {
        assert.ok(chunk.length > 0 && chunk.length <= 2 << 20);
        chunks.push(chunk.slice());
      }
      assert.is(Buffer.compare(Buffer.concat(chunks), Buffer.concat(pieces)), 0);
    }),
  );
});

test('asks for a piece when its turn comes', () => {
  let asked = 0;
  function* pieces(): Generator<Uint8Array> {
    for (; asked < 5; asked++) yield new Uint8Array(1 << 20);
  }
  const chunks = packChunks(pieces());
  chunks.next();
  assert.is(asked, 0);
  chunks.next();
  assert.is(asked, 1);
});

test.run();
