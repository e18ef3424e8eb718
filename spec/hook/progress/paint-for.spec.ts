import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { paintFor } from '../../../lib/hook/progress/paint-for.js';

const test = suite('paintFor');

for (const [isTTY, environment, isColoured] of [
  [true, {}, true],
  [false, {}, false],
  [undefined, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
  [false, { FORCE_COLOR: '1' }, true],
  [true, { FORCE_COLOR: '0', NO_COLOR: '1' }, false],
  [false, { FORCE_COLOR: 'false' }, false],
  [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
] as const) {
  test(`${isTTY === true ? 'a terminal' : 'a file'} with ${JSON.stringify(environment)}`, () => {
    const text = paintFor({ isTTY }, environment as NodeJS.ProcessEnv)('red', 'x');
    assert.is(text, isColoured ? '\x1b[31mx\x1b[39m' : 'x');
    assert.is(paintFor({ isTTY }, environment as NodeJS.ProcessEnv)('dim', ''), '');
  });
}

test.run();
