/** The world as commands see it: what they write, and where they are. */
export interface Io {
  /** Data: what a pipe would read. */
  out(text: string): void;
  /** Everything else: progress, warnings, errors. */
  err(text: string): void;
  readonly cwd: string;
}
