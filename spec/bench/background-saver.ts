import { firstValueFrom, lastValueFrom } from 'rxjs';
import type { BackgroundWriter } from '../../lib/checkpoint/background/background-writer.js';
import type { StateSnapshot } from '../../lib/tensor/state-snapshot.js';
import type { Tensors } from '../../lib/tensor/tensor.js';

/** What a save took, in milliseconds: for how long the loop was held, and until the checkpoint was durable. */
export interface SaveTimes {
  readonly held: number;
  readonly total: number;
}

/** Saves one state again and again as `asyncCheckpointSaver` does, and keeps the newest checkpoint. */
export class BackgroundSaver {
  readonly #writer: BackgroundWriter;
  readonly #tensors: Tensors;
  #globalStep = 0;

  constructor(writer: BackgroundWriter, tensors: Tensors) {
    this.#writer = writer;
    this.#tensors = tensors;
  }

  async save(): Promise<SaveTimes> {
    const snapshot: StateSnapshot = { globalStep: ++this.#globalStep, tensors: this.#tensors, json: { parts: {} } };
    const startedAt = performance.now();
    const taken = await firstValueFrom(this.#writer.take(snapshot, new Map()));
    const held = performance.now() - startedAt;
    await lastValueFrom(taken.write());
    const total = performance.now() - startedAt;
    taken.release();
    await lastValueFrom(this.#writer.retain(), { defaultValue: undefined });
    return { held, total };
  }

  close(): void {
    this.#writer.close();
  }
}
