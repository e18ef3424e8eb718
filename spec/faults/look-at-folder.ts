import { readdirSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { findCheckpoints } from '../../lib/checkpoint/find-checkpoints.js';
import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { DEFAULT_FORMATS, readCheckpoint } from '../../lib/checkpoint/read-checkpoint.js';
import { silentLogger } from '../../lib/log/logger.js';
import { fileStore } from '../../lib/store/file-store.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';

/**
 * Asserts what a folder of checkpoints owes its user after any fault: the newest one that a run would resume from is
 * the last acknowledged one or newer, and every checkpoint that is listed is whole, to the last checksum.
 *
 * @param acknowledged the newest step whose save was acknowledged; `undefined` if none was
 * @returns the step that a run would go on from; `undefined` if it would start afresh
 */
export function lookAtFolder(folder: string, acknowledged: number | undefined, what: string): number | undefined {
  const store = fileStore(folder);
  const skipped: string[] = [];
  const latest = answerOf(latestFrom(store, { logger: silentLogger }).load());
  for (const { prefix } of latest?.from.skipped ?? []) skipped.push(prefix);
  assert.equal(skipped, [], `${what}: a damaged checkpoint is visible`);
  if (acknowledged !== undefined) {
    const step = latest?.from.globalStep ?? -1;
    assert.ok(step >= acknowledged, `${what}: step ${acknowledged} was acknowledged, but the newest is ${step}`);
  }
  for (const { prefix } of answerOf(findCheckpoints(store, DEFAULT_FORMATS))) {
    const checkpoint = answerOf(readCheckpoint(store, prefix));
    const faults = [...checkpoint.verify()].filter(({ fault }) => fault !== undefined);
    checkpoint.close();
    assert.equal(faults, [], `${what}: ${prefix} is visible, but not whole`);
  }
  return latest?.from.globalStep;
}

/** Asserts that a run which ended in order left nothing half-done behind, of itself or of those that died before it. */
export function expectTidy(folder: string, what: string): void {
  const leftovers = readdirSync(folder).filter((name) => name.startsWith('.') || name.endsWith('.lock'));
  assert.equal(leftovers, [], `${what}: leftovers`);
}
