import type { Random } from '../../../lib/session/random.js';
import { type Digits, PIXELS } from './digits.js';
import { drawStrokes, smooth } from './pen.js';
import { DIGIT_VARIANTS, type Point, type Stroke } from './strokes.js';

/** The widest and highest extent in pixels; MNIST's digits fill a box of 20 × 20 too. */
const BOX = 19;
const CENTRE = 13.5;
/** How much narrower than high the boxes of the strokes are. */
const ASPECT = 0.72;

/**
 * Draws digits as if by hand: strokes of a few ways of writing, bent, slanted and turned, with pens of all widths.
 * They are laid out like MNIST's. The same state of `random` gives the same digits, and fewer digits are the first ones
 * of more.
 *
 * @returns about as many of each digit, in random order
 */
export function drawDigits(count: number, random: Random): Digits {
  const digits = { count, images: new Uint8Array(count * PIXELS), labels: new Uint8Array(count) };
  for (let index = 0; index < count; index++) {
    const label = random.integer(10);
    digits.labels[index] = label;
    drawDigit(label, random, digits.images.subarray(index * PIXELS, (index + 1) * PIXELS));
  }
  return digits;
}

function drawDigit(label: number, random: Random, image: Uint8Array): void {
  const bent = bend(random);
  const strokes = chooseVariant(label, random).map((stroke) => smooth(jitter(stroke, random)).map(bent));
  const radius = Math.min(2.2, Math.max(0.8, 1.3 * Math.exp(0.28 * random.normal())));
  drawStrokes(layOut(strokes, radius, random), radius, 1 + 0.7 * random.uniform(), random, image);
  roughen(image, random);
}

function chooseVariant(label: number, random: Random): readonly Stroke[] {
  let left = random.uniform() * 100;
  const variants = DIGIT_VARIANTS[label] ?? [];
  return (variants.find(({ share }) => (left -= share) < 0) ?? variants[0])?.strokes ?? [];
}

/** Moves each point a little; a corner stays one. */
function jitter(stroke: Stroke, random: Random): Stroke {
  const moved: Point[] = [];
  for (const [index, point] of stroke.entries()) {
    const before = stroke[index - 1];
    const isCorner = before !== undefined && before[0] === point[0] && before[1] === point[1];
    moved.push(
      isCorner ? (moved[index - 1] as Point) : [point[0] + 0.04 * random.normal(), point[1] + 0.034 * random.normal()],
    );
  }
  return moved;
}

/** A random map of the box: a wave for the writer's hand, then slant, turn and width. */
function bend(random: Random): (point: Point) => Point {
  const wave = { x: 0.05 * random.normal(), y: 0.04 * random.normal() };
  const phase = { x: 2 * Math.PI * random.uniform(), y: 2 * Math.PI * random.uniform() };
  const slant = 0.15 + 0.24 * random.normal();
  const turn = 0.12 * random.normal();
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const width = ASPECT * Math.exp(0.17 * random.normal());
  return ([left, down]) => {
    const y = down - 0.5 + wave.y * Math.sin(5 * left + phase.y);
    const x = (left - 0.5 + wave.x * Math.sin(5 * down + phase.x)) * width - slant * y;
    return [x * cos - y * sin, x * sin + y * cos];
  };
}

/** Scales strokes to the box and puts their centre of mass near the centre of the image. */
function layOut(strokes: readonly Stroke[], radius: number, random: Random): readonly Stroke[] {
  const points = strokes.flat();
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const extent = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
  const scale = ((BOX - 2 * radius) / extent) * (1 + 0.05 * random.normal());
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = CENTRE + 0.45 * random.normal() - scale * mean(xs);
  const y = CENTRE + 0.45 * random.normal() - scale * mean(ys);
  return strokes.map((stroke) => stroke.map((point) => [x + scale * point[0], y + scale * point[1]]));
}

/** Ink is not even: darkens and lightens what was drawn, and leaves the paper clean. */
function roughen(image: Uint8Array, random: Random): void {
  for (let pixel = 0; pixel < image.length; pixel++) {
    const ink = image[pixel] as number;
    if (ink > 0) image[pixel] = Math.max(1, Math.min(255, ink * (0.93 + 0.14 * random.uniform())));
  }
}
