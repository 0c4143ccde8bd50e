/** Events, cameras, grids, tracks and the tour: what is counted, what it looks like, and when. */

import assert from 'node:assert/strict';
import { near, newest } from '../follow.js';
import { test } from 'node:test';
import { Cameras } from '../cameras.js';
import { nearest } from '../choose.js';
import { Events, band } from '../events.js';
import { NONE, NOWHERE } from '../frame.js';
import { scaleOf, step } from '../grids.js';
import { HallClock } from '../hallclock.js';
import { pixelRatio, tier } from '../quality.js';
import { clusters } from '../reds.js';
import { HANDS_OFF_MS, STAY_MS, Tour } from '../tour.js';
import { timeMarks } from '../tracks.js';
import { VIEWS, Views } from '../views.js';

const NOW = 1_700_000_000;
const LIMITS = { soon_minutes: 60, long_open_hours: 24 };

/** @param {any[][]} rows key, grid, step, reported, lon */
function frame(rows, whole = false, district = 1) {
  const events = {
    rows: rows.length, key: rows.map((row) => row[0]), grid: rows.map((row) => row[1]), step: rows.map((row) => row[2]),
    reported: rows.map((row) => row[3] ?? NOW), lon: rows.map((row) => row[4] ?? 1300000000), lat: rows.map(() => 460000000),
    due: rows.map(() => 0), area: rows.map(() => 1), class_row: rows.map(() => 0), level: rows.map(() => 0),
  };
  return /** @type {any} */ ({ whole, district, now: NOW * 1000, tables: { events } });
}

test('open events are counted by grid; the archived are forgotten; the placeless are counted beside', () => {
  const events = new Events();
  events.apply(frame([[1, 0, 0], [2, 0, 1], [3, 2, 3], [4, NONE, 0]], true));
  events.apply(frame([[2, 0, 4]]));
  const counts = new Uint16Array(3);
  assert.equal(events.byGrid(counts), 1);
  assert.deepEqual([...counts], [1, 0, 1]);
});

test('the same key in two districts is two events, and a whole frame replaces its own district only', () => {
  const events = new Events();
  events.apply(frame([[1, 0, 0]], true, 1));
  events.apply(frame([[1, 1, 0]], true, 2));
  events.apply(frame([], true, 1));
  assert.equal(events.open.size, 1);
});

test('only what is new now makes a ring: no whole picture, no late report, nothing without a place', () => {
  const events = new Events();
  events.apply(frame([[1, 0, 0]], true));
  events.apply(frame([[2, 0, 0], [3, 0, 0, NOW - 4000], [4, 0, 0, NOW, NOWHERE], [1, 0, 1]]));
  assert.deepEqual(events.news().map((one) => one.key), [2]);
  assert.equal(events.news().length, 0);
});

test('an event is due, due soon, overdue, long-open', () => {
  const at = (/** @type {number} */ hours) => band({ due: NOW + hours * 3600, reported: NOW }, NOW, LIMITS);
  assert.deepEqual([2, 0.5, -1, -25].map(at), ['due', 'soon', 'overdue', 'long_open']);
  assert.equal(band({ due: 0, reported: NOW - 191 * 3600 }, NOW, LIMITS), 'due');
  assert.equal(band({ due: 0, reported: NOW - 193 * 3600 }, NOW, LIMITS), 'long_open');
});

test('a camera that went off counts as on until it has lasted; on counts at once; silence is unknown', () => {
  const cameras = new Cameras([130], [46]);
  const tell = (/** @type {number} */ state, /** @type {number} */ before) =>
    cameras.apply(/** @type {any} */ ({ tables: { cameras: { rows: 1, slot: [0], since: [NOW], at: [NOW], state: [state], before: [before] } } }));
  const limits = { off: 60, unknown: 1800 };
  assert.equal(cameras.effective(0, NOW, limits), 0);
  tell(2, 1);
  assert.deepEqual([0, 59, 60].map((later) => cameras.effective(0, NOW + later, limits)), [1, 1, 2]);
  tell(1, 2);
  assert.equal(cameras.effective(0, NOW, limits), 1);
  assert.equal(cameras.effective(0, NOW + 1801, limits), 0);
});

test('a grid without open events has no blue, and the scale is a power of two', () => {
  assert.deepEqual([0, 1, 2, 4, 8].map((count) => step(count, 1)), [0, 1, 2, 3, 4]);
  assert.deepEqual([0, 1, 2, 8, 16].map((count) => step(count, 2)), [0, 1, 1, 3, 4]);
  assert.equal(scaleOf(new Uint16Array([0, 0])), 1);
  assert.equal(scaleOf(new Uint16Array([1, 2, 40])), 8);
});

test('the hall clock goes by the least delayed frame, at the speed of the hall', () => {
  const clock = new HallClock();
  clock.setSpeed(60);
  clock.meet(1000_000, 10_000);
  clock.meet(1000_000 + 6000 - 300, 10_100);
  assert.ok(Math.abs(clock.at(10_100) - 1_006_000) < 5);
  clock.meet(5_000_000, 10_200);
  assert.equal(clock.at(10_200), 5_000_000);
});

test('however fast the hall runs, what comes late makes nobody older than it is late', () => {
  const ages = [1, 30].map((speed) => {
    const clock = new HallClock();
    clock.setSpeed(speed);
    clock.meet(1000_000, 10_000);
    clock.meet(1000_000 + 250 * speed, 10_250);
    const told = 1000_000 + 500 * speed;
    clock.meet(told, 11_150); // made at 10_500, and 650 ms on its way
    return [11_150, 13_150].map((page) => clock.seconds(page) * 1000 - told);
  });
  for (const [late, silent] of ages) {
    assert.ok(Math.abs(late - 650) < 5, `${late} ms`);
    assert.ok(Math.abs(silent - 2650) < 5, `${silent} ms`);
  }
});

test('a machine without a graphics card is asked for less; no canvas is longer than 8192', () => {
  assert.equal(tier('ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)))').name, 'software');
  const full = tier('ANGLE (NVIDIA GeForce RTX 3060)');
  assert.equal(full.fps, 30);
  assert.ok(pixelRatio(full, 7680, 2160, 2) * 7680 <= 8192);
});

test('reds are at most a dozen, and nobody is lost in a cluster', () => {
  const places = Array.from({ length: 400 }, (_, i) => /** @type {[number, number]} */ ([(i * 37) % 101, (i * 53) % 97]));
  const found = clusters(places, 1);
  assert.ok(found.length <= 12);
  assert.equal(found.reduce((sum, one) => sum + one.count, 0), 400);
  assert.deepEqual(clusters([], 1), []);
});

test('a cluster stands where one of its own stands, never in the middle of nowhere', () => {
  const places = /** @type {[number, number][]} */ ([[0, 0], [0, 9], [9, 0], [9, 8]]);
  const [one] = clusters(places, 10);
  assert.equal(one.count, 4);
  assert.ok(places.some(([x, y]) => x === one.x && y === one.y));
});

test('times stand on round minutes of a track, and not across a gap', () => {
  const at = Array.from({ length: 61 }, (_, i) => NOW - (NOW % 3600) + i * 60);
  const track = { slot: 0, worker_id: 'w', at, lon: at.map(() => 1), lat: at.map(() => 2) };
  assert.deepEqual(timeMarks(track).map((mark) => (mark.at % 3600) / 60), [10, 20, 30, 40, 50, 0]);
  assert.deepEqual(timeMarks({ ...track, at: [], lon: [], lat: [] }), []);
});

test('the events view follows by itself, not while a hand is there, not in an alarm, and not once it was told to rest', () => {
  const tour = new Tour(false, () => {});
  assert.equal(tour.state(1e6), '');
  tour.following = true;
  assert.equal(tour.state(1e6), 'follow');
  tour.alarm = true;
  assert.equal(tour.state(1e6), 'alarm');
  tour.alarm = false;
  tour.touch(1e6);
  assert.equal(tour.state(1e6 + 1), 'locked');
  tour.toggle(1e6 + 2);
  assert.equal(tour.state(1e6 + 3), 'follow');
  tour.toggle(1e6 + 4);
  assert.equal(tour.state(1e6 + 5), '');
});

test('of the hottest places the first with open events is gone to, and there the newest', () => {
  const event = (/** @type {number} */ key, /** @type {number} */ lon, /** @type {number} */ reported) => /** @type {any} */ ({ key, lon, lat: 40, reported });
  const open = [event(1, 116, 10), event(2, 116.001, 20), event(3, 117, 30)];
  assert.equal(near(open, [{ lon: 110, lat: 40 }, { lon: 116, lat: 40 }])?.key, 2);
  assert.equal(near(open, []), undefined);
  assert.equal(newest(open)?.key, 3);
});

test('the tour goes from the whole to a place and on; a hand stops it for two minutes, an alarm while it lasts', () => {
  /** @type {any[]} */
  const went = [];
  const tour = new Tour(true, (place) => went.push(place?.lon ?? 'all'));
  tour.places = [{ lon: 1, lat: 0, weight: 2 }, { lon: 2, lat: 0, weight: 1 }];
  for (let i = 1; i <= 5; i++) tour.turn(i * STAY_MS);
  assert.deepEqual(went, ['all', 1, 'all', 2, 'all']);
  tour.touch(6 * STAY_MS);
  tour.turn(7 * STAY_MS);
  assert.equal(tour.state(7 * STAY_MS), 'locked');
  tour.alarm = true;
  tour.turn(7 * STAY_MS + HANDS_OFF_MS);
  assert.equal(went.length, 5);
  tour.alarm = false;
  tour.turn(7 * STAY_MS + HANDS_OFF_MS);
  assert.equal(went.length, 6);
});

test('the nearest thing is chosen, and nothing when all are too far', () => {
  const places = [{ x: 10, y: 10, what: 'a' }, { x: 14, y: 10, what: 'b' }];
  assert.equal(nearest(places, 13, 10, 18), 'b');
  assert.equal(nearest(places, 100, 100, 18), null);
});

test('a view shows one subject: never heat and the blue of grids at full strength together', () => {
  for (const { layers, grids } of Object.values(VIEWS)) assert.ok(!layers.includes('heat') || grids < 0.5);
  let told = 0;
  const views = new Views('nonsense', () => told++);
  assert.equal(views.view, 'overview');
  views.toggle('heat');
  views.toggle('no such layer');
  assert.deepEqual([views.on.has('heat'), told], [true, 1]);
});
