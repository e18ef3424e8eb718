import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CorruptDataError } from '../../../../lib/error/corrupt-data-error.js';
import { decodeGraphNodes, encodeGraphDef, type GraphNode } from '../../../../lib/format/event/graph/graph-def.js';
import { kerasModelValue } from '../../../../lib/format/event/graph/graph-value.js';
import { decodeWith } from '../event-messages.js';
import { isError } from '../is-error.js';

const test = suite('encodeGraphDef');

const layers: GraphNode[] = [
  { name: 'input', op: 'Placeholder', dtype: 'float32', outputShapes: [[-1, 28, 28, 1]] },
  {
    name: 'net/conv',
    op: 'Conv2D',
    inputs: ['input'],
    attributes: { filters: 8, padding: 'same', useBias: true, rate: 0.5 },
  },
  { name: 'net/out', op: 'Dense', inputs: ['net/conv:1', '^input'], device: '/cpu:0', outputShapes: [[0], []] },
];

test('writes what another decoder reads', () => {
  assert.equal(decodeWith('GraphDef', encodeGraphDef(layers)), {
    node: [
      {
        name: 'input',
        op: 'Placeholder',
        attr: {
          dtype: { type: 1 },
          _output_shapes: {
            list: { shape: [{ dim: [{ size: '-1' }, { size: '28' }, { size: '28' }, { size: '1' }] }] },
          },
        },
      },
      {
        name: 'net/conv',
        op: 'Conv2D',
        input: ['input'],
        attr: {
          filters: { i: '8' },
          padding: { s: Buffer.from('same').toString('base64') },
          useBias: { b: true },
          rate: { f: 0.5 },
        },
      },
      {
        name: 'net/out',
        op: 'Dense',
        input: ['net/conv:1', '^input'],
        device: '/cpu:0',
        attr: { _output_shapes: { list: { shape: [{ dim: [{}] }, {}] } } },
      },
    ],
    versions: { producer: 22 },
  });
});

test('is read again', () => {
  assert.equal(
    decodeGraphNodes(encodeGraphDef(layers)),
    layers.map(({ name, op, inputs = [], device = '' }) => ({ name, op, inputs, device })),
  );
  assert.throws(() => decodeGraphNodes(Uint8Array.of(0xff, 0xff)), isError(CorruptDataError));
});

test('refuses graphs that cannot be drawn', () => {
  assert.throws(() => encodeGraphDef([{ name: '', op: 'X' }]), isError(RangeError));
  assert.throws(() => encodeGraphDef([layers[0] as GraphNode, layers[0] as GraphNode]), /"input" again/);
  assert.throws(() => encodeGraphDef([{ name: 'a', op: 'X', inputs: ['b'] }]), /inputs of a, received b/);
  assert.throws(() => encodeGraphDef([{ name: 'a', op: 'X', outputShapes: [[-2]] }]), isError(RangeError));
  assert.throws(() => encodeGraphDef([{ name: 'a\ud800', op: 'X' }]), isError(TypeError));
});

test('kerasModelValue takes the JSON of a model', () => {
  const { metadata, data } = kerasModelValue('keras', '{"class_name":"Sequential","config":{"name":"m"}}');
  assert.equal([metadata?.pluginName, [...(metadata?.content ?? [])]], ['graph_keras_model', [0x31]]);
  assert.ok(data?.type === 'tensor' && data.tensor.dtype === 'string' && data.tensor.shape.length === 0);
  for (const json of ['{', '[]', '{}', '3']) assert.throws(() => kerasModelValue('keras', json), isError(TypeError));
});

test.run();
