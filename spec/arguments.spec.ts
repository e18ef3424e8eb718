// Every public function refuses wrong arguments in our own words: which argument, what was expected, what came.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as format from '../lib/format/index.js';
import * as core from '../lib/index.js';
import * as node from '../lib/node.js';
import * as testing from '../lib/testing/index.js';
import * as tfjs from '../lib/tfjs/index.js';

type Anything = (...args: readonly unknown[]) => unknown;

/** The arguments before the options, one of the options' names, and how the message names them. */
type Door = readonly [before: readonly unknown[], option: string, where?: string];

const bytes = new Uint8Array(4);
const source = format.bytesSource('bytes', bytes);
const store = core.memoryStore();
const saver = core.storeSaver(store);
const model = { layers: [] };
const optimizer = { applyGradients: () => {}, getWeights: () => {} };
const part = { capture: () => {}, restore: () => {} };
const timeline = { blocks: { to: [] }, items: [] };
const noop = (): void => {};
const trained = { shape: [1], dtype: 'float32', bytes };

/** Functions that cannot do without their options. */
const WITH_OPTIONS: Readonly<Record<string, Door>> = {
  asyncCheckpointSaver: [[saver], 'overlap'],
  checkpointSaver: [[saver], 'listeners'],
  checkpointListener: [[], 'afterSave', 'callbacks'],
  cosineRate: [[], 'steps'],
  earlyStopping: [['loss'], 'patience'],
  evaluate: [[], 'atStart'],
  exponentialMovingAverage: [[], 'decay'],
  keepBest: [['loss', 1], 'mode'],
  monitoredTrainingSession: [[], 'chiefOnlyHooks'],
  plateauRate: [['loss'], 'patience'],
  progressBar: [[], 'totalSteps'],
  secondOrStepTimer: [[], 'seconds'],
  sequenceOfRates: [[], 'steps', 'parts[0]'],
  shuffledBatches: [[], 'batchSize'],
  statefulHook: [['mine'], 'initial'],
  stepDecay: [[], 'factor'],
  stepLogger: [[['loss']], 'trigger'],
  stopAtStep: [[], 'lastStep'],
  summarySaver: [[core.memorySummaries()], 'trigger'],
  tensorLeakGuard: [[core.nanGuard('loss')], 'allowed'],
  timelineView: [[timeline], 'columns', 'window'],
  trainingSession: [[], 'input'],
  warmUpRate: [[], 'steps'],
  accumulatingStep: [[], 'counts'],
  gradientAccumulator: [[part], 'batches'],
  optimizerPart: [[optimizer], 'variables'],
  seededDropout: [[], 'random'],
  trainStep: [[], 'forward'],
  checkpointCrashLaw: [[], 'scenario'],
  crashLaw: [[], 'scenario'],
  faultyFileSystem: [[node.nodeFileSystem], 'isLasting', 'plan'],
  hookLaws: [[], 'factory'],
  resumeLaw: [[noop], 'makeStore'],
  resumeLawByKill: [[], 'module'],
  runCrashLaw: [[noop], 'formats'],
  storeLaws: [[], 'factory'],
  summarySinkLaws: [[], 'factory'],
  triggerLaws: [[], 'factory'],
  encodeWav: [[[0]], 'sampleRateHz'],
};

/** Functions whose options may be left out. */
const WITH_DEFAULTS: Readonly<Record<string, Door>> = {
  checkpointFrom: [[store, 'm-1'], 'formats'],
  consoleTable: [[{ write: noop }], 'rowsPerHeader'],
  csv: [[{ write: noop }], 'isHeadless'],
  everySteps: [[5], 'since'],
  globalStepWaiter: [[5, () => 5], 'pollSeconds'],
  gradientHistograms: [[], 'bucketCount'],
  heartbeat: [[5], 'action'],
  hparams: [[{}], 'groupName'],
  jsonLines: [[{ write: noop }], 'location'],
  keepEveryHours: [[1], 'countFrom'],
  latestFrom: [[store], 'onDamaged'],
  learningRateSchedule: [[noop, 1], 'publish'],
  memoryEventWriter: [[], 'wallClock'],
  memoryStats: [[() => ({})], 'trigger'],
  memoryStore: [[], 'latencyMs'],
  memorySummaries: [[], 'maxValuesPerTag'],
  nanGuard: [['loss'], 'infinities'],
  newCheckpoints: [[store], 'timeoutSeconds'],
  otelMetrics: [[{ createGauge: noop }], 'prefix'],
  profiler: [[{ write: noop }], 'cpuProfiler'],
  rollbackOnSpike: [['loss'], 'skipBatches'],
  safetensors: [[], 'crc32c'],
  saveWithinBudget: [[], 'stallFraction'],
  stepCounter: [[], 'trigger'],
  storeSaver: [[store], 'retention'],
  tensorBundle: [[], 'crc32c'],
  trainingHealth: [[], 'learningRate'],
  waitForChief: [[core.latestFrom(store)], 'pollSeconds'],
  weightHistograms: [[], 'bucketCount'],
  drawTimeline: [[timeline], 'width'],
  eventFileWriter: [['runs/1'], 'flushSeconds'],
  exportSafetensors: [['runs/1', new Map()], 'maxShardBytes'],
  fileStore: [['runs/1'], 'isForced'],
  inspectorCpuProfiler: [[], 'samplingMicroseconds'],
  profileFolder: [['runs/1'], 'fileSystem'],
  readRecordedRun: [['runs/1'], 'fileSystem'],
  readRunRecord: [['runs/1'], 'fileSystem'],
  replayRun: [['runs/1'], 'scheduler'],
  runRecorder: [['runs/1'], 'totalSteps'],
  stopOnSignals: [[], 'graceSeconds'],
  tailEvents: [['runs/1'], 'intervalSeconds'],
  writeEmbeddings: [['runs/1', [{}]], 'fileSystem'],
  modelHistograms: [[], 'bucketCount'],
  modelPart: [[model], 'allowsRandomLayers'],
  collect: [[core.memoryStore().readState()], 'maxValues'],
  crashStates: [[{}, []], 'maxStates'],
  fakeBackground: [[], 'retain'],
  fakeRun: [[], 'stateAt'],
  fakeSaver: [[], 'latencyMs'],
  lifecycle: [[], 'startAt'],
  scriptedSession: [['-1-|'], 'startAt'],
  stepEvents: [[], 'startAt'],
  audioValue: [['tag', []], 'displayName'],
  encodeBundle: [[[]], 'crc32c'],
  encodeSafetensors: [[[]], 'metadata'],
  histogramValue: [['tag', [1]], 'buckets'],
  imageValue: [['tag', {}], 'displayName'],
  meshValues: [['tag', {}], 'jsonConfig'],
  openBundle: [[source, noop], 'crc32c'],
  planShards: [[[], 1], 'baseName'],
  prCurveValue: [['tag', [], []], 'thresholds'],
  readEvents: [[source], 'fromOffset'],
  readRecords: [[source], 'fromOffset'],
  readRun: [[[]], 'tail'],
  scalarValue: [['tag', 1], 'displayName'],
  tensorValue: [['tag', trained], 'pluginName'],
  textValue: [['tag', 'text'], 'displayName'],
};

/** Functions without options. */
const WITHOUT_OPTIONS: ReadonlySet<string> = new Set(
  `after allOf anyOf atMostEvery atSteps checkpoints constantRate describeSession elementBytes everySeconds explain feed
  finalOps findCheckpoints firstStep float32Scalar hook hookMetrics installedHooks int64Scalar keepAll keepAnyOf
  keepEverySteps keepLatest makeStringTensor makeTensor never not ofType onlyChief pinned prefetched random
  readCheckpoint sharedSink stepOutputs steps stopAfterSeconds tensorValues until verifyCheckpoint windowOfSteps
  buildTimeline closestName eventFilesAmong hashCheckpoint hashTensor nativeCrc32c paintFor timeOfStep
  averagedVariables checkBackend classify layerNodes modelGraph modelVariables unrepeatableLayers variablesPart
  describeValue drawMarbles fakeOutputs fakeState firstDifference marbles memoryFileSystem recordingFileSystem
  withoutRealTime isSecretName pauseWhile scrubSecrets sumHookCosts
  bytesSource confinePrefix convertLegacy crc32c decodeCheckpointState decodeEvent decodeGraphNodes decodeHparams
  decodeShardIndex encodeCheckpointState encodeEvent encodeGraphDef encodeLabels encodePngs encodeProjectorConfig
  encodeRecord encodeShardIndex encodeSprite encodeVectors fileVersionEvent hparamsValue kerasModelValue layoutValue
  maskCrc maskedCrc32c openSafetensors openShards runMetadataValue samplePoints unmaskCrc`.split(/\s+/),
);

/**
 * Of these, the first argument is not checked when it is no such thing at all: they are called for each step, tensor,
 * event or record, with what comes from the functions beside them.
 */
const INNER: ReadonlySet<string> = new Set(
  `classify closestName isSecretName scrubSecrets sumHookCosts
  audioValue confinePrefix convertLegacy crc32c decodeCheckpointState decodeEvent decodeGraphNodes decodeHparams
  decodeShardIndex encodeBundle encodeCheckpointState encodeEvent encodeGraphDef encodeLabels encodePngs
  encodeProjectorConfig encodeRecord encodeSafetensors encodeShardIndex encodeSprite encodeVectors fileVersionEvent
  hparamsValue imageValue layoutValue maskedCrc32c meshValues planShards prCurveValue readRun tensorValue`.split(/\s+/),
);

const exported: ReadonlyMap<string, Anything> = new Map(
  [core, node, tfjs, testing, format].flatMap((entry) =>
    Object.entries(entry).flatMap(([name, value]): (readonly [string, Anything])[] =>
      typeof value === 'function' && !/^class\b/.test(String(value)) ? [[name, value as unknown as Anything]] : [],
    ),
  ),
);

const test = suite('arguments');

test('every exported function is in one of the lists, and nothing else is', () => {
  const listed = [...Object.keys(WITH_OPTIONS), ...Object.keys(WITH_DEFAULTS), ...WITHOUT_OPTIONS];
  assert.equal(listed.sort(), [...exported.keys()].sort());
  assert.equal(
    [...INNER].filter((name) => !exported.has(name)),
    [],
  );
});

test('an option under a wrong name is an error that names the right one', async () => {
  for (const [name, [before, option, parameter = 'options']] of doors()) {
    const message = await refusalOf(name, [...before, { [`${option}_`]: 1 }]);
    assert.is(message, `${name}(${parameter}): unknown option "${option}_"; did you mean "${option}"?`);
    assert.match(
      await refusalOf(name, [...before, { somethingElseAltogether: 1 }]),
      /: unknown option "somethingElseAltogether"; expected \w+/,
      name,
    );
  }
});

test('options that are none are an error that says so', async () => {
  for (const [name, [before, , parameter = 'options']] of doors()) {
    const cases: [unknown, string][] = [
      [null, 'null'],
      [5, '5'],
      ['fast', '"fast"'],
      [[], 'an array'],
      [new Map(), 'a Map'],
      [noop, 'a function'],
    ];
    if (Object.hasOwn(WITH_OPTIONS, name)) cases.push([undefined, 'undefined']);
    for (const [options, received] of cases) {
      const message = await refusalOf(name, [...before, options]);
      assert.is(message, `${name}(${parameter}): expected an object of options, received ${received}`);
    }
  }
});

test('a first argument of a wrong kind is never met by the engine first', async () => {
  for (const name of exported.keys()) {
    if (INNER.has(name)) continue;
    for (const args of [[], [null], [5], ['x'], [noop]]) {
      const message = await refusalOf(name, args).catch(() => '');
      assert.match(message, /^$|^[\w.]+(\(.*?\))?: /, `${name}(${args.map(String)}): ${message}`);
    }
  }
});

test('a hook in a list that is none is named by its place', () => {
  class Mine {}
  const session = (...hooks: unknown[]) =>
    core.monitoredTrainingSession({ scaffold: { create: () => ({}) }, step: () => ({ loss: 0 }), hooks } as never);
  const fine = core.stopAtStep({ lastStep: 5 });
  for (const [none, received] of [
    [undefined, 'undefined'],
    [Mine, 'the class Mine'],
    [Promise.resolve(fine), 'a Promise'],
  ] as const) {
    assert.throws(
      () => session(fine, fine, none),
      (error: unknown) =>
        error instanceof TypeError && error.message.includes(`hook 2 is ${received}, expected a function`),
    );
  }
});

test('what looks right, but is not, is refused where it is given', async () => {
  const folder = 'runs/1' as never;
  const cases: [() => unknown, RegExp][] = [
    [() => core.storeSaver(folder), /^storeSaver\(store\): expected a store, .*, received "runs\/1"$/],
    [() => core.latestFrom(folder), /^latestFrom\(store\): expected a store/],
    [() => core.verifyCheckpoint(folder, 'm-1'), /^verifyCheckpoint\(store\): expected a store/],
    [() => core.storeSaver(store, { format: 'safetensors' as never }), /\(format\): .*, received "safetensors"$/],
    [() => core.storeSaver(store, { retention: 5 as never }), /^storeSaver\(retention\): .*, received 5$/],
    [
      () => core.checkpointSaver(store as never, { trigger: core.never() }),
      /e\.g\. storeSaver\(store\), received a store$/,
    ],
    [
      () => core.checkpointSaver(saver, { trigger: core.never(), listeners: {} as never }),
      /a list, received an object$/,
    ],
    [() => core.keepLatest('3' as never), /or Infinity, received "3"$/],
    [
      () => core.asyncCheckpointSaver(saver, { trigger: core.never(), onFailure: { retry: 3 } as never }),
      /^asyncCheckpointSaver\(onFailure\): unknown option "retry"; expected retries, /,
    ],
    [
      () => core.asyncCheckpointSaver(saver, { trigger: core.never(), onFailure: null as never }),
      /^asyncCheckpointSaver\(onFailure\): expected an object of options, received null$/,
    ],
    [() => core.stopAtStep({ lastStep: 5, steps: 3 } as never), /^stopAtStep\(options\): unknown option "steps"/],
  ];
  for (const [call, message] of cases) assert.throws(call, message);
});

test.run();

function doors(): readonly (readonly [string, Door])[] {
  return [...Object.entries(WITH_OPTIONS), ...Object.entries(WITH_DEFAULTS)];
}

/** The message of the TypeError or RangeError; fails if there is none. */
async function refusalOf(name: string, args: readonly unknown[]): Promise<string> {
  try {
    await exported.get(name)?.(...args);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return error.message;
    throw error;
  }
  throw new Error(`${name} takes ${args.map((arg) => testing.describeValue(arg)).join(', ')}`);
}
