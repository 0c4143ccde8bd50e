/** Choose: keys walk through what the view is about, and leave the others to the browser. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inTurn, strays } from '../candidates.js';
import { Choose } from '../choose.js';
import { Crowd, OUTSIDE, STRIDE } from '../crowd.js';

const NOW = 10_000;
const INSIDE = 1;

/** @param {number[]} rows of workers */
function choose(rows) {
  const room = { map: { on: () => {} }, candidates: () => [], hot: () => rows.map((row) => ({ kind: 'worker', row, lon: 0, lat: 0 })), chosen: () => {}, show: () => {} };
  return new Choose(/** @type {any} */ (room));
}
const press = (/** @type {Choose} */ chooser, /** @type {string} */ key) => chooser.key(/** @type {any} */ ({ key }));

/** @param {[number, number][]} people mark, hall seconds when heard @param {number[]} named by the panel @param {string} view */
function wall(people, named = [], view = 'patrol') {
  const crowd = new Crowd(people.length, [108, 34]);
  crowd.count = people.length;
  people.forEach(([mark, at], row) => {
    crowd.mark[row] = mark;
    crowd.at[row] = at;
    crowd.rows[row * STRIDE] = crowd.rows[row * STRIDE + 2] = row / 100;
  });
  return /** @type {any} */ ({
    crowd, views: { view }, clock: { seconds: () => NOW }, geo: { city: { settings: { ageing_seconds: 300 } } }, events: { open: new Map() },
    parts: { last: { out_of_grid: { rows: named.map((row) => ({ key: String(row) })) } } },
  });
}
const rows = (/** @type {{row: number}[]} */ choices) => choices.map((one) => one.row);

test('a key begins at the first, the other way at the last, and goes round', () => {
  const chooser = choose([7, 8, 9]);
  press(chooser, 'ArrowRight');
  assert.equal(chooser.choice?.row, 7);
  press(chooser, 'ArrowLeft');
  assert.equal(chooser.choice?.row, 9);
  const other = choose([7, 8, 9]);
  press(other, 'ArrowLeft');
  assert.equal(other.choice?.row, 9);
});

test('when the list has changed it goes on from who is chosen', () => {
  const list = [7, 8, 9];
  const chooser = choose(list);
  press(chooser, 'ArrowRight');
  list.unshift(5, 6);
  press(chooser, 'ArrowRight');
  assert.equal(chooser.choice?.row, 8);
});

test('Tab is left to the browser', () => {
  const chooser = choose([7]);
  assert.equal(press(chooser, 'Tab'), false);
  assert.equal(chooser.choice, null);
  assert.equal(press(chooser, 'ArrowRight'), true);
});

test('in the patrol view one walks through who is out of grid and was heard lately, nowhere else', () => {
  const people = /** @type {[number, number][]} */ ([[OUTSIDE, NOW], [INSIDE, NOW], [OUTSIDE, NOW - 400], [OUTSIDE, NOW - 10], [OUTSIDE, 0]]);
  assert.deepEqual(rows(inTurn(wall(people))), [0, 3]);
  assert.deepEqual(inTurn(wall(people, [], 'events')), []);
  assert.deepEqual(inTurn(wall(people, [], 'overview')), []);
});

test('the panel says the order, but not who is out', () => {
  const people = /** @type {[number, number][]} */ ([[OUTSIDE, NOW], [INSIDE, NOW], [OUTSIDE, NOW], [OUTSIDE, NOW]]);
  const found = strays(wall(people, [3, 1, 2]));
  assert.deepEqual(rows(found), [3, 2, 0]);
  assert.deepEqual(found.map((one) => one.kind), ['worker', 'worker', 'worker']);
  assert.ok(Math.abs(found[0].lon - 108.03) < 1e-6);
});
