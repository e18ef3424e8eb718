/* Reading and writing checkpoints and event files, without RxJS */
export { type ByteSource, bytesSource } from './byte-source.js';
export type { CheckpointState } from './checkpoint-state/checkpoint-state.js';
export { confinePrefix } from './checkpoint-state/confine-prefix.js';
export { decodeCheckpointState } from './checkpoint-state/decode-checkpoint-state.js';
export { encodeCheckpointState } from './checkpoint-state/encode-checkpoint-state.js';
export { type Crc32c, crc32c, maskCrc, maskedCrc32c, unmaskCrc } from './crc32c.js';
export type { Layout, LayoutCategory, LayoutChart } from './event/custom-scalars/layout.js';
export { layoutValue } from './event/custom-scalars/layout-value.js';
export { decodeEvent } from './event/decode-event.js';
export { encodeEvent } from './event/encode-event.js';
export { EventWriter } from './event/event-writer.js';
export { FILE_VERSION, fileVersionEvent } from './event/file-version-event.js';
export { decodeGraphNodes, encodeGraphDef, type GraphNode } from './event/graph/graph-def.js';
export { kerasModelValue, runMetadataValue } from './event/graph/graph-value.js';
export { decodeHparams } from './event/hparams/decode-hparams.js';
export type { HparamsData, HparamsExperiment, HparamValue } from './event/hparams/hparams-data.js';
export { hparamsValue } from './event/hparams/hparams-value.js';
export { encodePngs, type PixelBatch } from './event/media/encode-png.js';
export { encodeWav } from './event/media/encode-wav.js';
export { encodeSprite } from './event/projector/encode-sprite.js';
export { encodeLabels, encodeVectors } from './event/projector/encode-tsv.js';
export {
  encodeProjectorConfig,
  PROJECTOR_CONFIG_FILE,
  type ProjectorEmbedding,
} from './event/projector/projector-config.js';
export { type EventAt, readEvents } from './event/read-events.js';
export type { SummaryData, SummaryMetadata, SummaryValue } from './event/summary-value.js';
export type { EventStep, TfEvent } from './event/tf-event.js';
export { audioValue } from './event/value/audio-value.js';
export { type HistogramValueOptions, histogramValue } from './event/value/histogram-value.js';
export { type EncodedImages, imageValue } from './event/value/image-value.js';
export { meshValues } from './event/value/mesh-values.js';
export { prCurveValue } from './event/value/pr-curve-value.js';
export { type ScalarValueOptions, scalarValue } from './event/value/scalar-value.js';
export { tensorValue } from './event/value/tensor-value.js';
export { type Text, textValue } from './event/value/text-value.js';
export { convertLegacy } from './event/view/convert-legacy.js';
export { readRun } from './event/view/read-run.js';
export { RunView } from './event/view/run-view.js';
export { type Series, type SeriesPoint, samplePoints } from './event/view/series.js';
export type { FilePart } from './file-part.js';
export { decodeShardIndex } from './safetensors/decode-shard-index.js';
export { type EncodeSafetensorsOptions, encodeSafetensors } from './safetensors/encode-safetensors.js';
export { encodeShardIndex } from './safetensors/encode-shard-index.js';
export { openSafetensors } from './safetensors/open-safetensors.js';
export { openShards } from './safetensors/open-shards.js';
export { planShards, type ShardPlan } from './safetensors/plan-shards.js';
export type { SafetensorsEntry, SafetensorsReader } from './safetensors/safetensors-reader.js';
export type { ShardIndex } from './safetensors/shard-index.js';
export type { BundleEntry } from './tensor-bundle/bundle-entry.js';
export type { BundleReader } from './tensor-bundle/bundle-reader.js';
export { encodeBundle } from './tensor-bundle/encode-bundle.js';
export { openBundle } from './tensor-bundle/open-bundle.js';
export { encodeRecord, type ReadRecordsOptions, RecordWriter, readRecords, type TfRecord } from './tfrecord.js';
