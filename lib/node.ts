/* What needs Node */
export { hashCheckpoint, hashTensor } from './checkpoint/hash-checkpoint.js';
export { type InspectorCpuProfilerOptions, inspectorCpuProfiler } from './hook/profile/inspector-cpu-profiler.js';
export { type ProfileFolderOptions, profileFolder } from './hook/profile/profile-folder.js';
export { paintFor } from './hook/progress/paint-for.js';
export type { StopDecisionEvent } from './hook/stop/stop-decision-event.js';
export {
  SIGNAL_EXIT_CODES,
  type StopOnSignalsOptions,
  type StopSignal,
  stopOnSignals,
} from './hook/stop-on-signals.js';
export { type FileStoreOptions, fileStore } from './store/file-store.js';
