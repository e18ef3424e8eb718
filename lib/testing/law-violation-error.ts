/** Thrown by a law that does not hold. */
export class LawViolationError extends Error {
  readonly code = 'ERR_ASSERTION';

  override get name(): string {
    return 'LawViolationError';
  }
}
