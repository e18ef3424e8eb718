import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { guardedLogger } from '../../lib/log/guarded-logger.js';
import { keptLog } from '../session/play.js';

const test = suite('guardedLogger');

test('writes every line to the logger as it is', () => {
  const kept = keptLog();
  const logger = guardedLogger(kept);
  logger.debug('a');
  logger.info({ step: 1 }, 'b');
  logger.warn('c');
  logger.error({ err: new Error('x') }, 'd');
  assert.equal(kept.lines, ['debug: a', 'info: b', 'warn: c', 'error: d']);
  assert.equal(kept.fields[1], { step: 1 });
});

test('calls the methods on their logger, as they are at the time', () => {
  class Own {
    lines: string[] = [];
    debug(): void {}
    info(first: object | string): void {
      this.lines.push(String(first));
    }
    warn(): void {}
    error(): void {}
  }
  const own = new Own();
  const logger = guardedLogger(own);
  logger.info('first');
  own.info = () => own.lines.push('replaced');
  logger.info('second');
  assert.equal(own.lines, ['first', 'replaced']);
});

test('never throws, whatever the logger does', () => {
  const broken = (): never => {
    throw new Error('EPIPE');
  };
  const logger = guardedLogger({ debug: broken, info: broken, warn: broken, error: broken });
  logger.debug('a');
  logger.info('b');
  logger.warn('c');
  logger.error('d');
});

test.run();
