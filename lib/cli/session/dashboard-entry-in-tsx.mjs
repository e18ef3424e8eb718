// Starts the dashboard's thread from its TypeScript source: threads do not inherit tsx. Only for work on this library.

import { register } from 'tsx/esm/api';

register();
await import('./dashboard-entry.ts');
