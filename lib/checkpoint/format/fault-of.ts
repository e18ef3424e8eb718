/** What `check` throws, or `undefined`. */
export function faultOf(check: () => unknown): unknown {
  try {
    check();
    return undefined;
  } catch (error) {
    return error;
  }
}
