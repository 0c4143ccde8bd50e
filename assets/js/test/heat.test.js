/** Heat and hexes: the same cells as Python's, cooling by half each half-life. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Heat, cooled, topOf } from '../heat.js';
import { cell, place } from '../hexes.js';
import { hotPlaces } from '../hot.js';

const { size, rows } = JSON.parse(readFileSync(new URL('./fixtures/hexes.json', import.meta.url), 'utf8'));
const frame = (/** @type {any} */ heat, whole = false, district = 1) => /** @type {any} */ ({ whole, district, tables: heat ? { heat } : {} });

test('every place lies in the cell that Python says, and its centre is where Python has it', () => {
  for (const [lon, lat, q, r, x, y] of rows) {
    assert.deepEqual(cell(lon, lat, size), [q, r]);
    const [centreLon, centreLat] = place(q, r, size);
    assert.ok(Math.abs(centreLon - x) < 1e-8 && Math.abs(centreLat - y) < 1e-8);
  }
});

test('after one half-life half is left, and nothing grows warmer by looking back', () => {
  assert.equal(cooled(8, 1000, 1000 + 3600, 3600), 4);
  assert.equal(cooled(8, 1000, 500, 3600), 8);
});

test('cells are replaced by what is said later, and forgotten when cold', () => {
  const heat = new Heat(size, 3600);
  heat.apply(frame({ rows: 2, q: [1, -2], r: [-3, 4], weight: [1, 8], at: [0, 0] }, true));
  heat.apply(frame({ rows: 1, q: [1], r: [-3], weight: [3], at: [100] }));
  assert.deepEqual(heat.warm(100).map((one) => [one.q, one.r, one.weight]), [[1, -3, 3], [-2, 4, 8]]);
  assert.equal(heat.warm(100 + 3600 * 12).length, 0);
  assert.equal(heat.districts.get(1)?.size, 0);
});

test('a whole frame forgets what was there before, in its own district only', () => {
  const heat = new Heat(size, 3600);
  const one = { rows: 1, q: [1], r: [1], weight: [1], at: [0] };
  heat.apply(frame(one, true, 1));
  heat.apply(frame(one, true, 2));
  heat.apply(frame(null, true, 1));
  assert.equal(heat.warm(0).length, 1);
});

test('the top of the ramp is a power of two and does not move with every event', () => {
  const warm = Array.from({ length: 100 }, (_, i) => ({ now: i / 10 }));
  assert.equal(topOf(warm), 16);
  assert.equal(topOf([]), 2);
});

test('hot places stand apart from each other, the hottest first', () => {
  const warm = [{ q: 0, r: 0, now: 5 }, { q: 1, r: 0, now: 9 }, { q: 900, r: 0, now: 3 }];
  assert.deepEqual(hotPlaces(warm, size, 6, 3000).map((one) => one.weight), [9, 3]);
});

test('a wall that never shows the heat forgets the cold all the same', () => {
  const heat = new Heat(size, 3600);
  heat.apply(frame({ rows: 2, q: [1, 2], r: [1, 2], weight: [1, 1], at: [0, 3600 * 12] }));
  for (let second = 0; second < 10; second++) heat.rest(3600 * 12 + second);
  assert.equal(heat.districts.get(1)?.size, 1);
});
