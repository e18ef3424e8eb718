import { firstValueFrom, from } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inspectorCpuProfiler } from '../../../lib/hook/profile/inspector-cpu-profiler.js';

const test = suite('inspectorCpuProfiler');

function spendTime(milliseconds: number): number {
  let sum = 0;
  for (const end = performance.now() + milliseconds; performance.now() < end; ) sum += Math.sqrt(sum + 1);
  return sum;
}

test('samples the thread between start and stop, again and again', async () => {
  const cpu = inspectorCpuProfiler();
  for (let i = 0; i < 2; i++) {
    cpu.start();
    // Long enough for a machine that gives the sampling thread little time.
    spendTime(200);
    const profile: unknown = JSON.parse(await firstValueFrom(from(cpu.stop())));
    const { nodes, samples, timeDeltas } = profile as {
      nodes: { callFrame: { url: string } }[];
      samples: number[];
      timeDeltas: number[];
    };
    assert.ok(samples.length > 2, `${samples.length} samples`);
    assert.is(samples.length, timeDeltas.length);
    assert.ok(nodes.some(({ callFrame }) => callFrame.url.includes('inspector-cpu-profiler.spec')));
  }
});

test('stops without a start', async () => {
  assert.is(await firstValueFrom(from(inspectorCpuProfiler().stop())), '');
});

test('refuses an interval that is none', () => {
  assert.throws(
    () => inspectorCpuProfiler({ samplingMicroseconds: 0 }),
    (error: unknown) => error instanceof RangeError,
  );
});

test.run();
