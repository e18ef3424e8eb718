// Starts the save worker from its TypeScript source: threads do not inherit tsx. Only for work on this library; a package
// starts `worker-entry.js`.

import { register } from 'tsx/esm/api';

register();
await import('./worker-entry.ts');
