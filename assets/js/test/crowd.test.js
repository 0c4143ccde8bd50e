/** Crowd: workers walk to where they are said to be, and age by the hall's clock. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Crowd, STRIDE, freshness } from '../crowd.js';
import { planeY } from '../plane.js';

const HALL = 1_700_000_000;
const origin = /** @type {[number, number]} */ ([130, planeY(46.8)]);

/** @param {number[][]} rows slot, lon, lat, at, mark */
function frame(rows, whole = false, now = HALL) {
  const column = (/** @type {number} */ at, scale = 1) => rows.map((row) => Math.round(row[at] * scale));
  const workers = { rows: rows.length, slot: column(0), lon: column(1, 1e7), lat: column(2, 1e7), at: column(3), mark: column(4) };
  return /** @type {any} */ ({ whole, now: now * 1000, district: 1, tables: { workers } });
}

test('the first word of a worker puts it there; the next makes it walk', () => {
  const crowd = new Crowd(4, origin);
  crowd.apply(frame([[2, 130.1, 46.8, HALL, 1]], true), 10);
  assert.ok(Math.abs(crowd.seen(2, 10)[0] - 0.1) < 1e-6);
  crowd.apply(frame([[2, 130.101, 46.8, HALL + 5, 1]]), 15);
  assert.ok(Math.abs(crowd.seen(2, 15)[0] - 0.1) < 1e-6);
  assert.ok(Math.abs(crowd.seen(2, 15 + crowd.glide / 2)[0] - 0.1005) < 1e-6);
  assert.ok(Math.abs(crowd.seen(2, 30)[0] - 0.101) < 1e-6);
});

test('who is told a new goal on the way turns from where it is seen, without a jump', () => {
  const crowd = new Crowd(4, origin);
  crowd.apply(frame([[0, 130, 46.8, HALL, 1]], true), 10);
  crowd.apply(frame([[0, 130.001, 46.8, HALL, 1]]), 12);
  const before = crowd.seen(0, 12 + crowd.glide * 0.4);
  crowd.apply(frame([[0, 130.001, 46.801, HALL, 1]]), 12 + crowd.glide * 0.4);
  const after = crowd.seen(0, 12 + crowd.glide * 0.4);
  assert.ok(Math.abs(before[0] - after[0]) < 2e-5);
});

test('a jump across the city is no walk', () => {
  const crowd = new Crowd(4, origin);
  crowd.apply(frame([[0, 130, 46.8, HALL, 1]], true), 10);
  crowd.apply(frame([[0, 131, 46.8, HALL, 9]]), 12);
  assert.ok(Math.abs(crowd.seen(0, 12)[0] - 1) < 1e-6);
});

test('the card counts seconds anew each hour, and nobody moves or ages by it', () => {
  const crowd = new Crowd(4, origin);
  crowd.apply(frame([[0, 130, 46.8, HALL - 200, 1], [1, 130.2, 46.8, HALL, 3]], true), 10);
  const later = HALL + 7300;
  crowd.apply(frame([[1, 130.2, 46.8, later, 3]], false, later), 7310);
  assert.equal(crowd.base, later);
  assert.equal(crowd.rows[0 * STRIDE + 5], HALL - 200 - later);
  assert.equal(crowd.rows[1 * STRIDE + 5], 0);
  assert.ok(Math.abs(crowd.seen(0, 7310)[0]) < 1e-6);
});

test('a slot beyond the roster is passed over', () => {
  const crowd = new Crowd(2, origin);
  crowd.apply(frame([[9, 130, 46.8, HALL, 1]], true), 1);
  assert.equal(crowd.count, 0);
});

test('a position is fresh, ageing, old, then lost', () => {
  const limits = { fresh: 60, ageing: 300, old: 600 };
  assert.deepEqual([0, 59, 60, 299, 300, 599, 600].map((age) => freshness(age, limits)), ['fresh', 'fresh', 'ageing', 'ageing', 'old', 'old', 'lost']);
});
