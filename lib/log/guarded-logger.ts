import type { Logger } from './logger.js';

/** A logger that writes to `logger` and never throws: a log that cannot be written is no reason to lose a run. */
export function guardedLogger(logger: Logger): Logger {
  return {
    debug: guarded(logger, 'debug'),
    info: guarded(logger, 'info'),
    warn: guarded(logger, 'warn'),
    error: guarded(logger, 'error'),
  };
}

function guarded(logger: Logger, level: keyof Logger): Logger['info'] {
  return (...line: [object | string, string?]): void => {
    try {
      // Not bound beforehand, for a logger's level may change its methods.
      Reflect.apply(logger[level], logger, line);
    } catch {
      // There is no other place to say it.
    }
  };
}
