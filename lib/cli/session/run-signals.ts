import type { SignalSource } from '../../node.js';

/** The signals of the process; `onForced` is told before it ends at once, e.g. at a second Ctrl-C. */
export function runSignals(onForced: () => void): SignalSource {
  return {
    on: (signal, listener) => process.on(signal, listener),
    off: (signal, listener) => process.off(signal, listener),
    exit: (code) => {
      onForced();
      process.exit(code);
    },
    // Should the loop run dry afterwards, it is by this signal that it ends.
    set exitCode(code: number | string | undefined) {
      process.exitCode = code;
    },
  };
}

/** What the terminal does at Ctrl-C, to this process alone. */
export function interrupt(): void {
  process.emit('SIGINT', 'SIGINT');
}
