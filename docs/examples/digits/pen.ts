import type { Random } from '../../../lib/session/random.js';
import type { Point, Stroke } from './strokes.js';

const SIDE = 28;
const POINTS_PER_SPAN = 6;

/**
 * Draws strokes with a round pen into a 28 × 28 image, anti-aliased.
 *
 * @param strokes in pixels, as polylines: see {@link smooth}
 * @param radius of the pen in pixels
 * @param softness over how many pixels the ink fades out at the edge
 * @param image `[784]`, paper; ink is added
 */
export function drawStrokes(
  strokes: readonly Stroke[],
  radius: number,
  softness: number,
  random: Random,
  image: Uint8Array,
): void {
  for (const stroke of strokes) {
    // The pen is pressed harder in some places than in others.
    const [sway, phase] = [0.12 + 0.12 * random.uniform(), 2 * Math.PI * random.uniform()];
    for (let index = 1; index < stroke.length; index++) {
      const pressed = radius * (1 + sway * Math.sin(phase + (index * 4) / stroke.length));
      drawSegment(stroke[index - 1] as Point, stroke[index] as Point, pressed, softness, image);
    }
  }
}

function drawSegment([x0, y0]: Point, [x1, y1]: Point, radius: number, softness: number, image: Uint8Array): void {
  const reach = radius + softness / 2;
  const [dx, dy] = [x1 - x0, y1 - y0];
  const lengthSquared = dx * dx + dy * dy || 1;
  const left = Math.max(0, Math.ceil(Math.min(x0, x1) - reach));
  const right = Math.min(SIDE - 1, Math.floor(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.ceil(Math.min(y0, y1) - reach));
  const bottom = Math.min(SIDE - 1, Math.floor(Math.max(y0, y1) + reach));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const along = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / lengthSquared));
      const [offX, offY] = [x - x0 - along * dx, y - y0 - along * dy];
      const ink = Math.min(1, (reach - Math.sqrt(offX * offX + offY * offY)) / softness);
      const pixel = y * SIDE + x;
      if (ink > 0 && ink * 255 > (image[pixel] as number)) image[pixel] = ink * 255;
    }
  }
}

/** Cuts a stroke at its corners and puts a Catmull-Rom spline through each piece, as a polyline. */
export function smooth(stroke: Stroke): Stroke {
  const line: Point[] = [];
  let start = 0;
  for (let index = 1; index <= stroke.length; index++) {
    const isCorner = index < stroke.length && samePoint(stroke[index] as Point, stroke[index - 1] as Point);
    if (!isCorner && index < stroke.length) continue;
    addSpline(stroke.slice(start, index), line);
    start = index;
  }
  return line;
}

function addSpline(points: Stroke, line: Point[]): void {
  for (let index = 0; index + 1 < points.length; index++) {
    const from = points[index] as Point;
    const to = points[index + 1] as Point;
    const before = points[index - 1] ?? from;
    const after = points[index + 2] ?? to;
    for (let part = 0; part < POINTS_PER_SPAN; part++) {
      const t = part / POINTS_PER_SPAN;
      line.push([spline(before[0], from[0], to[0], after[0], t), spline(before[1], from[1], to[1], after[1], t)]);
    }
  }
  const last = points.at(-1);
  if (last !== undefined) line.push(last);
}

function spline(before: number, from: number, to: number, after: number, t: number): number {
  return (
    from +
    0.5 * t * (to - before + t * (2 * before - 5 * from + 4 * to - after + t * (3 * (from - to) + after - before)))
  );
}

function samePoint(a: Point, b: Point): boolean {
  return a[0] === b[0] && a[1] === b[1];
}
