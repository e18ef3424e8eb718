import { defer, tap } from 'rxjs';
import type { CheckpointStore } from '../../store/checkpoint-store.js';

/** What a user of a store was told, and what was asked for, in order. */
export type StoreNote =
  | { readonly type: 'writing' | 'written' | 'settingAside' | 'setAside'; readonly prefix: string }
  | { readonly type: 'removing'; readonly prefixes: readonly string[] }
  | { readonly type: 'stating' | 'stated'; readonly bytes: Uint8Array };

/** The same store, which notes what is asked of it and what it has acknowledged. */
export function observedStore(store: CheckpointStore, note: (note: StoreNote) => void): CheckpointStore {
  return {
    ...store,
    write: (prefix, files) =>
      defer(() => {
        note({ type: 'writing', prefix });
        return store.write(prefix, files).pipe(tap(() => note({ type: 'written', prefix })));
      }),
    remove: (prefixes, markers) =>
      defer(() => {
        note({ type: 'removing', prefixes });
        return store.remove(prefixes, markers);
      }),
    writeState: (bytes) =>
      defer(() => {
        note({ type: 'stating', bytes });
        return store.writeState(bytes).pipe(tap(() => note({ type: 'stated', bytes })));
      }),
    quarantine: (prefix, markers) =>
      defer(() => {
        note({ type: 'settingAside', prefix });
        return store.quarantine(prefix, markers).pipe(tap(() => note({ type: 'setAside', prefix })));
      }),
  };
}
