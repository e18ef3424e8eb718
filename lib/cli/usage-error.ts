/** A command line, configuration or session module that cannot be worked with: exit code 2. */
export class UsageError extends Error {
  /** @param fix what to do about it */
  constructor(
    message: string,
    readonly fix?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
