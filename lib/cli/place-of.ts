import { fileURLToPath } from 'node:url';

const OWN = new URL('../', import.meta.url).href;
const OWN_PATH = fileURLToPath(OWN);
const FRAME = /^\s+at .*?((?:file:\/\/|\/)[^)\s]+:\d+:\d+)/;

/** The first place in the stack of an error that is the user's own, e.g. `/home/me/train.ts:17:9`. */
export function placeOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? String(error.stack ?? '').slice(0, 20_000) : '';
  for (const line of stack.split('\n')) {
    const place = FRAME.exec(line)?.[1];
    if (place === undefined || place.includes('node_modules')) continue;
    if (place.startsWith(OWN) || place.startsWith(OWN_PATH)) continue;
    return place.startsWith('file://') ? place.replace(/^(.*?)(:\d+:\d+)$/, (_, url, at) => pathOf(url) + at) : place;
  }
  return undefined;
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}
