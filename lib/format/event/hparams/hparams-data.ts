/**
 * What the `hparams` plugin keeps in the metadata of a summary: one of three.
 *
 * @see TensorBoard, tensorboard/plugins/hparams/plugin_data.proto and api.proto
 */
export type HparamsData = HparamsExperiment | HparamsSessionStart | HparamsSessionEnd;

/** What a hyperparameter may be. Integers are doubles here. */
export type HparamValue = string | boolean | number;

export const HPARAM_TYPES = ['string', 'bool', 'float64'] as const;

export interface HparamInfo {
  readonly name: string;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
  /** Left out: not said. */
  readonly type?: (typeof HPARAM_TYPES)[number] | undefined;
  /** The values that it may take, or the least and the greatest. */
  readonly domain?: readonly HparamValue[] | { readonly min: number; readonly max: number } | undefined;
  /** Whether it differs between the sessions of the experiment; readers that infer experiments set it. */
  readonly differs?: boolean | undefined;
}

export const DATASET_TYPES = ['unknown', 'training', 'validation'] as const;

export interface MetricInfo {
  /** The tag of the scalar that holds it. */
  readonly tag: string;
  /** The scalar is in the run `<session>/<group>`; default: in the session's run itself. */
  readonly group?: string | undefined;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
  readonly datasetType?: (typeof DATASET_TYPES)[number] | undefined;
}

/** What is tried and what is measured; written once, in the root of the log folder. */
export interface HparamsExperiment {
  readonly type: 'experiment';
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly user?: string | undefined;
  /** Seconds since 1970. */
  readonly timeCreated?: number | undefined;
  readonly hparams: readonly HparamInfo[];
  readonly metrics: readonly MetricInfo[];
}

/** One trial, which is a run of its own. */
export interface HparamsSessionStart {
  readonly type: 'sessionStart';
  readonly hparams: ReadonlyMap<string, HparamValue>;
  readonly modelUri?: string | undefined;
  readonly monitorUrl?: string | undefined;
  /** Trials of one name are repetitions of each other. */
  readonly groupName?: string | undefined;
  /** Seconds since 1970. */
  readonly startTime?: number | undefined;
}

export const SESSION_END_STATUSES = ['unknown', 'success', 'failure', 'running'] as const;

export interface HparamsSessionEnd {
  readonly type: 'sessionEnd';
  readonly status: (typeof SESSION_END_STATUSES)[number];
  /** Seconds since 1970. */
  readonly endTime?: number | undefined;
}
