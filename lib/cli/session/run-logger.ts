import { join } from 'node:path';
import pino from 'pino';
import type { Logger } from '../../index.js';
import { isSecretName, scrubSecrets } from '../../node.js';
import { printable } from '../printable.js';

const HIDDEN = '[hidden]';
const LONGEST_WARNING = 500;

/** Writes `log.jsonl` in the folder of a run; what looks like a secret is not written down. */
export function runLogger(dir: string, name: string): Logger {
  const file = pino.destination({ dest: join(dir, 'log.jsonl'), sync: true, append: true });
  return pino({ name }, { write: (line: string) => void file.write(scrubLine(line)) });
}

/** The same logger, whose warnings are said as well. */
export function aloud(logger: Logger, say: (line: string) => void): Logger {
  const warn = (first: object | string, message = ''): void => {
    if (typeof first === 'string') logger.warn(first);
    else logger.warn(first, message);
    say(`  warning    ${printable(typeof first === 'string' ? first : message, LONGEST_WARNING)}`);
  };
  const [debug, info, error] = [logger.debug.bind(logger), logger.info.bind(logger), logger.error.bind(logger)];
  return { debug, info, warn, error };
}

function scrubLine(line: string): string {
  return `${JSON.stringify(JSON.parse(line), (name, value: unknown) => {
    if (typeof value !== 'string') return value;
    return isSecretName(name) ? HIDDEN : scrubSecrets(value);
  })}\n`;
}
