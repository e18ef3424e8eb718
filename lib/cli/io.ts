/** The world as commands see it: what they write, and where they are. */
export interface Io {
  /** Data: what a pipe would read. */
  out(text: string): void;
  /** Everything else: progress, warnings, errors. */
  err(text: string): void;
  readonly cwd: string;
  /** @default none */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** What `err` goes to, if that is a terminal. */
  readonly terminal?: IoTerminal | undefined;
  /** Where the built page of the dashboard is. @default in the package */
  readonly pageFolder?: string | undefined;
  /** Goes to another folder, as user modules see it. */
  readonly chdir?: ((folder: string) => void) | undefined;
}

export interface IoTerminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  getColorDepth?(): number;
}
