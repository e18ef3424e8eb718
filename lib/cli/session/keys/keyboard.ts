import type { IoKeyboard } from '../../io.js';
import { isInForeground } from './is-in-foreground.js';

/** The part of Node's `process` that is used here. */
export interface KeyboardProcess {
  readonly pid: number;
  readonly platform: string;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
  emit(event: 'SIGINT', signal: 'SIGINT'): unknown;
  kill(pid: number, signal: string): unknown;
}

/** What the terminal itself makes of these, unless the mode is raw. */
const SIGNALS: ReadonlyMap<string, string> = new Map([
  ['\x03', 'SIGINT'],
  ['\x1c', 'SIGQUIT'],
  ['\x1a', 'SIGTSTP'],
]);
/** Arrows and the like: letters behind an escape. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what is looked for
const SEQUENCES = /\x1b(?:\[[\d;?]*[ -/]*[@-~]|O.|[^[O])?/g;
const OWN_GROUP = 0;
const SUSPENSION_MS = 20;

/**
 * Hears single keys of a terminal, without Enter. Ctrl-C, Ctrl-\ and Ctrl-Z mean what they mean without it. The
 * terminal has its mode back when this is closed, when the process exits and while it is suspended; in the background
 * it is left alone. It keeps no process alive.
 */
export class Keyboard {
  readonly #open: () => IoKeyboard;
  readonly #onKey: (key: string) => void;
  readonly #process: KeyboardProcess;
  readonly #isForeground: () => boolean;
  #input: IoKeyboard | undefined;
  #isClosed = false;

  /**
   * @param open opens the terminal
   * @param onKey told of each key, e.g. `s`
   */
  constructor(
    open: () => IoKeyboard,
    onKey: (key: string) => void,
    system: KeyboardProcess = process,
    isForeground: () => boolean = isInForeground,
  ) {
    this.#open = open;
    this.#onKey = onKey;
    this.#process = system;
    this.#isForeground = isForeground;
    system.on('exit', this.#release);
    system.on('SIGTSTP', this.#suspend);
    system.on('SIGCONT', this.#takeAnew);
    this.#take();
  }

  /** Whether keys come here now, and none is echoed. */
  get isListening(): boolean {
    return this.#input !== undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.#release();
    this.#process.off('exit', this.#release);
    this.#process.off('SIGTSTP', this.#suspend);
    this.#process.off('SIGCONT', this.#takeAnew);
  }

  #take(): void {
    if (this.#input !== undefined || this.#isClosed || !this.#isForeground()) return;
    this.#input = this.#open();
    this.#input.setRawMode(true);
    this.#input.on('data', this.#hear);
    this.#input.unref();
  }

  /**
   * Closes the stream, and does not only put it at rest: Node sets the mode of one that was raw back when it exits, and
   * a process in the background is stopped for that.
   */
  readonly #release = (): void => {
    this.#input?.setRawMode(false);
    this.#input?.destroy();
    this.#input = undefined;
  };

  /** Who was stopped without being asked comes back to a terminal that the shell has set to its own mode. */
  readonly #takeAnew = (): void => {
    if (this.#isForeground()) this.#release();
    this.#take();
  };

  readonly #suspend = (): void => this.#suspendAll(this.#process.pid);

  /**
   * The terminal has its mode back before anybody is stopped: what is stopped first, e.g. an `npx`, hands the terminal
   * to the shell, and who changes its mode after that is stopped for it.
   */
  #suspendAll(whom: number): void {
    this.#release();
    this.#process.off('SIGTSTP', this.#suspend);
    this.#process.kill(whom, 'SIGTSTP');
    // Comes when the process goes on, or at once where nobody could wake it and the system did not stop it.
    setTimeout(() => {
      if (this.#isClosed) return;
      this.#process.on('SIGTSTP', this.#suspend);
      this.#take();
    }, SUSPENSION_MS).unref();
  }

  readonly #hear = (chunk: Uint8Array | string): void => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1');
    for (const key of text.replace(SEQUENCES, '')) {
      const signal = SIGNALS.get(key);
      if (signal === undefined) this.#onKey(key);
      else this.#raise(signal);
    }
  };

  /** As the terminal would: for all that work in the foreground, e.g. the `npx` before this. */
  #raise(signal: string): void {
    if (this.#process.platform === 'win32') {
      if (signal === 'SIGINT') this.#process.emit(signal, signal);
    } else if (signal === 'SIGTSTP') this.#suspendAll(OWN_GROUP);
    else this.#process.kill(OWN_GROUP, signal);
  }
}
