import { styleText } from 'node:util';
import { checkObject } from '../../error/check-object.js';
import type { Paint } from './progress-line.js';

/** The part of a terminal stream of Node that tells whether it shows colours. */
export interface ColourStream {
  readonly isTTY?: boolean | undefined;
  getColorDepth?(): number;
}

/** Colours for a stream: none if it is no terminal that shows them, or if `NO_COLOR` says so; `FORCE_COLOR` wins. */
export function paintFor(stream: ColourStream, environment: NodeJS.ProcessEnv = process.env): Paint {
  checkObject('paintFor(stream)', 'a stream such as process.stderr', stream);
  const { NO_COLOR: none, FORCE_COLOR: forced, TERM: terminal } = environment;
  const isForced = forced !== undefined && forced !== '0' && forced !== 'false';
  const isWanted = (none === undefined || none === '') && terminal !== 'dumb' && stream.isTTY === true;
  if (!isForced && !isWanted) return (_, text) => text;
  return (style, text) => (text === '' ? '' : styleText(style, text, { validateStream: false }));
}
