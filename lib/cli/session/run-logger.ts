import { join } from 'node:path';
import pino from 'pino';
import type { Logger } from '../../index.js';
import { isSecretName, scrubSecrets } from '../../node.js';

const HIDDEN = '[hidden]';

/** Writes `log.jsonl` in the folder of a run; what looks like a secret is not written down. */
export function runLogger(dir: string, name: string): Logger {
  const file = pino.destination({ dest: join(dir, 'log.jsonl'), sync: true, append: true });
  return pino({ name }, { write: (line: string) => void file.write(scrubLine(line)) });
}

function scrubLine(line: string): string {
  return `${JSON.stringify(JSON.parse(line), (name, value: unknown) => {
    if (typeof value !== 'string') return value;
    return isSecretName(name) ? HIDDEN : scrubSecrets(value);
  })}\n`;
}
