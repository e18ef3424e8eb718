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
  /** Opens the terminal that standard input is; `undefined` if it is none. */
  readonly keyboard?: (() => IoKeyboard) | undefined;
  /** Whether errors are told with their stacks and causes. */
  readonly isVerbose?: boolean | undefined;
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

/** The part of a terminal's stream of Node that keys are heard from. */
export interface IoKeyboard {
  setRawMode(isRaw: boolean): unknown;
  on(event: 'data', listener: (chunk: Uint8Array | string) => void): unknown;
  unref(): unknown;
  destroy(): unknown;
}
