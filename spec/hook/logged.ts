import type { Logger, LogMethod } from '../../lib/log/logger.js';

/** A logger that writes down what it is told, as `level: message`. */
export interface Logged extends Logger {
  readonly lines: string[];
}

export function logged(): Logged {
  const lines: string[] = [];
  const at =
    (level: string): LogMethod =>
    (first: object | string, message?: string) => {
      lines.push(`${level}: ${typeof first === 'string' ? first : message}`);
    };
  return { lines, debug: () => {}, info: at('info'), warn: at('warn'), error: at('error') };
}
