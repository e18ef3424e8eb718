/** For `assert.throws`, which would call a class given to it as a predicate, and call that a match. */
export function isError(type: abstract new (...args: never[]) => Error): (error: unknown) => boolean {
  return (error) => error instanceof type;
}
