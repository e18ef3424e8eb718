import type { Retention } from './retention.js';

/**
 * Keeps every checkpoint.
 *
 *     saved      0 10 20 30 40
 *     keepAll()  0 10 20 30 40
 */
export function keepAll(): Retention {
  return { name: 'keepAll()', reasons: (checkpoints) => checkpoints.map(() => 'all are kept') };
}
