import pino from 'pino';

/** Writes one line: a sentence, or fields and a sentence, as pino's methods take them. */
export interface LogMethod {
  (message: string): void;
  (fields: object, message?: string): void;
}

/** The part of pino's logger that is used here; any logger of this shape will do. */
export interface Logger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
}

let shared: Logger | undefined;

/**
 * The logger of whoever names none: pino on standard error (in browsers, on the console), made on first use. Lines are
 * written synchronously, so that none is lost when the process is killed.
 */
export function defaultLogger(): Logger {
  shared ??=
    typeof pino.destination === 'function'
      ? pino({ name: 'tidemark' }, pino.destination({ dest: 2, sync: true }))
      : pino({ name: 'tidemark' });
  return shared;
}

const ignore: LogMethod = () => {};

/** A logger that keeps quiet. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
