import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { summarySaver } from '../../../lib/hook/summary/summary-saver.js';
import { memoryEventWriter } from '../../../lib/summary/event-file/memory-event-writer.js';
import { marbles } from '../../../lib/testing/marbles.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { summarySinkLaws } from '../../../lib/testing/summary-sink-laws.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { scalarsIn, viewOf } from '../read-scalars.js';

const test = suite('memoryEventWriter');

summarySinkLaws({
  test,
  factory() {
    const sink = memoryEventWriter({ wallClock: () => 1000 });
    return { sink, read: () => scalarsIn(viewOf(sink.files(), { tail: 'refuse' })) };
  },
});

test(
  'gives the event file of each run, ready for a Blob',
  marbles(({ flush }) => {
    const writer = memoryEventWriter({ wallClock: () => 1_700_000_000_500 });
    const run = (startAt: number) =>
      scriptedSession('-1-2-3-|', { startAt }).pipe(summarySaver(writer, { trigger: everySteps(1) }));
    run(0).subscribe();
    flush();
    run(2).subscribe();
    flush();
    const files = writer.files();
    assert.is(files.length, 2);
    assert.is(
      new Blob(files).size,
      files.reduce((sum, file) => sum + file.length, 0),
    );
    const view = viewOf(files, { tail: 'refuse' });
    assert.equal(
      scalarsIn(view)
        .get('loss')
        ?.map(([step]) => step),
      [1, 2, 3, 4, 5],
    );
    assert.is(view.purgedPoints, 1);
    assert.is(view.series.get('loss')?.points[0]?.wallTime, 1_700_000_000.5);
    files[0]?.fill(0);
    assert.is.not(writer.files()[0]?.[0], 0);
  }),
);

test.run();
