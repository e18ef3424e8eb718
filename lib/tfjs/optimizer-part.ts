import type { Optimizer, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkMethods } from '../error/check-methods.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import { StateMismatchError } from '../error/state-mismatch-error.js';
import { UnsupportedOptimizerError } from '../error/unsupported-optimizer-error.js';
import type { Checkpointable } from '../session/checkpointable.js';
import type { Json } from '../tensor/json.js';
import type { PartState } from '../tensor/part-state.js';
import type { Tensor } from '../tensor/tensor.js';
import { modelVariables } from './model-variables.js';
import { optimizerDifferences } from './optimizer-differences.js';
import { disposeOptimizer, scalarOf, setHyperparameter, setIterations, setSlots, slotsOf } from './optimizer-fields.js';
import { layoutOf, type OptimizerField, type OptimizerLayout } from './optimizer-layout.js';
import { decodeOptimizerState } from './optimizer-state.js';
import { trainedVariables } from './trained-variables.js';
import { assignTensor } from './variable-tensors.js';
import { captureVariables } from './variables-part.js';

export interface OptimizerPartOptions {
  /** What the optimizer trains: a model, whose weights keep the names that {@link modelPart} gives them … */
  readonly model?: LayersModel | undefined;
  /** … or plain variables by name. One of the two is needed. */
  readonly variables?: Readonly<Record<string, Variable>> | undefined;
  /**
   * Keeps the learning rate and the other numbers that this optimizer was made with, instead of those in the
   * checkpoint: for changing them on purpose between two runs. Default false, since an exact resume needs the saved ones.
   */
  readonly keepsHyperparameters?: boolean | undefined;
}

const OPTIONS: OptionNames<OptimizerPartOptions> = { model: true, variables: true, keepsHyperparameters: true };

/**
 * Makes a part of the training state out of any of TensorFlow.js's optimizers, with its complete state: every slot by
 * the name of its variable (`dense/kernel/m`), the running products of Adam and Adamax as they are, the step count and
 * the hyperparameters. A restored run goes on bit for bit, which `getWeights()` and `setWeights()` do not give.
 *
 * Slots exist only after the first step; `restore` makes them in a fresh optimizer. The checkpoint of another kind of
 * optimizer, or one that trained other variables or in another order, does not fit.
 *
 * @throws UnsupportedOptimizerError for a class of your own, or another version of TensorFlow.js
 * @throws TypeError unless one of `model` and `variables` is given
 */
export function optimizerPart(optimizer: Optimizer, options: OptimizerPartOptions): OptimizerPart {
  checkMethods('optimizerPart(optimizer)', 'an optimizer of TensorFlow.js', optimizer, [
    'applyGradients',
    'getWeights',
  ]);
  checkOptions('optimizerPart(options)', options, OPTIONS);
  return new OptimizerPart(optimizer, options);
}

/** An optimizer as a part of the training state. Made by {@link optimizerPart}. */
export class OptimizerPart implements Checkpointable {
  readonly #layout: OptimizerLayout;
  readonly #variables: ReadonlyMap<string, Variable>;
  readonly #findTrained: () => ReadonlyMap<string, Variable>;
  readonly #keepsHyperparameters: boolean;

  constructor(
    readonly optimizer: Optimizer,
    { model, variables, keepsHyperparameters = false }: OptimizerPartOptions,
  ) {
    if ((model === undefined) === (variables === undefined)) {
      throw new TypeError('optimizerPart(options): expected either model or variables');
    }
    this.#layout = layoutOf(optimizer);
    this.#variables = model === undefined ? new Map(Object.entries(variables ?? {})) : modelVariables(model);
    this.#findTrained = trainedVariables(this.#variables, model);
    this.#keepsHyperparameters = keepsHyperparameters;
  }

  /** The variables that are trained now, in the order in which optimizers of a model get them. */
  get trained(): ReadonlyMap<string, Variable> {
    return this.#findTrained();
  }

  /** The learning rate from the next step on. */
  get learningRate(): number {
    return Number(this.optimizer.getConfig()['learningRate']);
  }

  set learningRate(learningRate: number) {
    if (!Number.isFinite(learningRate)) {
      throw new RangeError(`learningRate: expected a finite number, received ${describeReceived(learningRate)}`);
    }
    setHyperparameter(this.optimizer, 'learningRate', learningRate);
  }

  capture(): PartState | Promise<PartState> {
    const { slots, variables } = this.#current();
    const { numbers, flags } = this.#config();
    const json: Json = {
      optimizer: this.optimizer.getClassName(),
      iterations: this.optimizer.iterations,
      trained: [...this.trained.keys()],
      slots,
      hyperparameters: numbers,
      flags,
    };
    const state = captureVariables(variables);
    if (state instanceof Promise) return state.then(({ tensors }) => ({ tensors, json }));
    return { tensors: state.tensors, json };
  }

  differences(state: PartState): readonly string[] {
    const saved = decodeOptimizerState(state.json);
    if (typeof saved === 'string') return [saved];
    return optimizerDifferences(saved, state.tensors, {
      className: this.optimizer.getClassName(),
      ...this.#config(),
      trained: this.trained,
      variables: this.#variables,
      slots: this.#slots(),
      scalars: this.#layout.scalars,
    });
  }

  restore(state: PartState): void {
    const differences = this.differences(state);
    const saved = decodeOptimizerState(state.json);
    if (differences.length > 0 || typeof saved === 'string') {
      throw new StateMismatchError('of an optimizer', differences);
    }
    for (const slot of this.#slots()) {
      setSlots(
        this.optimizer,
        slot,
        saved.slots.map((name) => ({
          originalName: `${this.#variables.get(name)?.name}/${slot.name}`,
          value: mustHave(state, `${name}/${slot.name}`),
        })),
      );
    }
    for (const field of this.#layout.scalars) {
      assignTensor(scalarOf(this.optimizer, field), mustHave(state, field.name));
    }
    setIterations(this.optimizer, saved.iterations);
    if (this.#keepsHyperparameters) return;
    for (const [name, value] of saved.hyperparameters) setHyperparameter(this.optimizer, name, value);
  }

  /** Frees the optimizer's slots and scalars. */
  dispose(): void {
    disposeOptimizer(this.optimizer);
  }

  /** All variables of the optimizer as they are now, and the names of those that slots belong to, in slot order. */
  #current(): { readonly slots: readonly string[]; readonly variables: ReadonlyMap<string, Variable> } {
    const ownNames = new Map([...this.#variables].map(([name, variable]) => [variable.name, name]));
    const variables = new Map<string, Variable>();
    const slots = new Set<string>();
    for (const field of this.#layout.scalars) variables.set(field.name, scalarOf(this.optimizer, field));
    for (const slot of this.#slots()) {
      for (const { originalName, variable } of slotsOf(this.optimizer, slot)) {
        const trained = originalName.slice(0, -slot.name.length - 1);
        const name = ownNames.get(trained);
        if (name === undefined) {
          throw new UnsupportedOptimizerError(
            this.optimizer.getClassName(),
            `trains ${trained}, which is not among the variables of its part`,
            { hint: 'give all variables that it trains to optimizerPart()' },
          );
        }
        slots.add(name);
        variables.set(`${name}/${slot.name}`, variable);
      }
    }
    return { slots: [...slots], variables };
  }

  /** RMSProp has a list for mean gradients, but fills it only if it is centered. */
  #slots(): readonly OptimizerField[] {
    const isCentered = this.#config().flags['centered'] === true;
    return this.#layout.slots.filter(({ name }) => name !== 'mg' || isCentered);
  }

  #config(): { readonly numbers: Record<string, number>; readonly flags: Record<string, boolean> } {
    const numbers: Record<string, number> = {};
    const flags: Record<string, boolean> = {};
    for (const [name, value] of Object.entries(this.optimizer.getConfig())) {
      if (typeof value === 'number') numbers[name] = value;
      if (typeof value === 'boolean') flags[name] = value;
    }
    return { numbers, flags };
  }
}

function mustHave({ tensors }: PartState, name: string): Tensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new StateMismatchError('of an optimizer', [`${name} is not in the checkpoint`]);
  return tensor;
}
