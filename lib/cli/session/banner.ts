import { paintFor } from '../../node.js';
import type { Io } from '../io.js';
import { printable } from '../printable.js';
import { versionOfPackage } from '../version.js';
import type { RunPlace } from './closing-lines.js';
import { KEYS_IN_SHORT } from './keys/run-keys.js';

export interface BannerFacts {
  /** The session, as it is shown. */
  readonly shownAs: string;
  readonly place: RunPlace;
  readonly seed: string | number | undefined;
  /** Checkpoints that were deleted. */
  readonly cleared: number;
  readonly hasKeys: boolean;
}

/** What is said at the start of a run: what, where, and how to talk to it. */
export function banner(
  { shownAs, place, seed, cleared, hasKeys }: BannerFacts,
  { terminal = {}, env }: Pick<Io, 'terminal' | 'env'>,
): string {
  const paint = paintFor(terminal, { ...env });
  const seedText = seed === undefined ? '' : ` · seed ${printable(String(seed))}`;
  return [
    `tidemark ${versionOfPackage()}  ${printable(shownAs)}${seedText} · run ${paint('cyan', printable(place.name))}\n`,
    `  dir        ${printable(place.shownDir)}\n`,
    ...(cleared > 0 ? [`  cleared    ${cleared} checkpoints of an earlier run\n`] : []),
    ...(hasKeys ? [`  keys       ${KEYS_IN_SHORT}\n`] : []),
  ].join('');
}
