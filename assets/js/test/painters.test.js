/** Painters: the parts that need no page. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { age, clock, grade } from '../painters/ages.js';
import { facts } from '../painters/chosen_facts.js';
import { recoloured, scaled } from '../painters/figure.js';
import { sign } from '../painters/head.js';
import { backLine, fitting, reaches, textWidth } from '../painters/river_shape.js';
import { changes } from '../painters/rows.js';
import { caseAddress } from '../telling.js';

/** @param {string} key */
const say = (key) => key;
const step = (/** @type {number} */ open, bands = [open, 0, 0, 0]) => ({
  key: String(open), name: '', open, number: String(open), bands, median: '', age: '', passed: '', rate: '', returned: 0, back: '', standing: '', door: '',
});

test('sizes are multiplied, values and shares are not', () => {
  const figure = { data: [{ type: 'bar', width: 0.5, x: [1, 2], marker: { size: 2, line: { width: 0.2 }, pattern: { size: 0.7 } } }], layout: { margin: { l: 1, b: 2 }, font: { size: 2.4 }, xaxis: { domain: [0, 0.4], range: [0, 5] }, annotations: [{ x: 0.5, yshift: 1.5 }] } };
  const drawn = scaled(figure, 10);
  assert.deepEqual(drawn, { data: [{ type: 'bar', width: 0.5, x: [1, 2], marker: { size: 20, line: { width: 2 }, pattern: { size: 7 } } }], layout: { margin: { l: 10, b: 20 }, font: { size: 24 }, xaxis: { domain: [0, 0.4], range: [0, 5] }, annotations: [{ x: 0.5, yshift: 15 }] } });
  assert.equal(figure.layout.font.size, 2.4, 'the figure that came is left as it was');
});

test('a light theme swaps the colours that figures are made with, also where they are let through', () => {
  const table = { '#3b82f6': '#2463c9' };
  assert.deepEqual(recoloured({ a: '#3B82F6', b: ['rgba(59,130,246,0.5)', 'rgba(0,0,0,0)'], c: '5' }, table), { a: '#2463c9', b: ['#2463c980', 'rgba(0,0,0,0)'], c: '5' });
});

test('ages are said as Python says them', () => {
  assert.deepEqual([0, 4.9, 119, 120, 200, 7199, 7200, 172799, 172800, 200000, -3, null].map((seconds) => age(seconds)), ['0 s', '4 s', '119 s', '2 min', '3 min', '119 min', '2 h', '47 h', '2 d', '2 d', '0 s', '—']);
});

test('a feed nobody tells us about grows late and then dead', () => {
  assert.equal(grade('live', 3, 2, 30, 90), 'live');
  assert.equal(grade('live', 31, 30, 30, 90), 'late');
  assert.equal(grade('live', 95, 94, 30, 90), 'dead');
  assert.equal(grade('dead', 1, 0, 30, 90), 'dead', 'what was said to be dead is not revived here');
  assert.equal(grade('none', null, 500, 30, 90), 'none');
});

test('quiet is not late: its heartbeat came a moment ago', () => {
  assert.equal(grade('quiet', 4000, 1, 30, 90), 'quiet');
  assert.equal(grade('quiet', 4000, 40, 30, 90), 'late');
});

test("the clock shows the city's hour", () => {
  assert.equal(clock(Date.UTC(2025, 5, 1, 6, 5, 32), 8 * 3600), '14:05:32');
});

test('a sign stands whenever the hall is not real', () => {
  assert.equal(sign(false, { hall_ms: 5, wall_ms: 5, speed: 1 }, say), '');
  assert.equal(sign(false, { hall_ms: 1, wall_ms: 5, speed: 60 }, say), 'sign.replay ×60');
  assert.equal(sign(false, { hall_ms: 1, wall_ms: 5, speed: 1 }, say), 'sign.replay');
  assert.equal(sign(true, { hall_ms: 5, wall_ms: 5, speed: 1 }, say), 'sign.simulation');
});

test('of what stands beside a step, that is said which has room', () => {
  assert.equal(fitting('8 parked · 9 returned', 30), '8 parked · 9 returned');
  assert.equal(fitting('8 parked · 9 returned', 8), '8 parked');
  assert.equal(fitting('挂账 8', 2), '');
  assert.equal(fitting('', 2), '');
});

test('the river fills its strip, and every step keeps room for its name', () => {
  for (const opens of [[132, 338, 558, 172, 0, 0], [0, 0, 0, 0, 0, 0], [100000, 1, 1, 0, 0, 0]]) {
    const found = reaches(opens.map((open) => step(open)), 1800, 30);
    const end = found[5].x + found[5].width;
    assert.ok(Math.abs(end - 1800) < 1800 * 0.03, `ends at ${end}`);
    assert.ok(found.every((reach, place) => reach.width >= 170 && (!place || reach.x > found[place - 1].x + found[place - 1].width)));
    assert.ok(found.every((reach) => reach.water <= reach.width + 0.001));
  }
});

test('water is as long as what is open, and its bands are parts of it', () => {
  const [one, two] = reaches([step(100, [50, 25, 15, 10]), step(200)], 2000, 0);
  assert.ok(Math.abs(two.water / one.water - 2) < 0.05);
  assert.equal(Math.round(one.bands.reduce((sum, band) => sum + band.width, 0)), Math.round(one.water));
  assert.ok(Math.abs(one.bands[0].width / one.bands[1].width - 2) < 0.001);
  assert.equal(reaches([step(0), step(5)], 1000, 0)[0].water, 0);
});

test('one case more does not make the river tremble', () => {
  const widths = (/** @type {number} */ open) => reaches([step(open), step(900), step(700)], 1000, 10).map((reach) => reach.width);
  assert.deepEqual(widths(400), widths(401));
});

test('what flows back is a line from one step to the one before', () => {
  const [one, two] = reaches([step(10), step(10)], 1000, 20);
  assert.match(backLine(two, one, 50, 10), /^M[\d.]+ 50\.0 C/);
});

test('Chinese takes twice the room of Latin letters', () => {
  assert.equal(textWidth('中位'), 2);
  assert.ok(textWidth('median') < 4);
});

test('rows that stay are the same rows', () => {
  assert.deepEqual(changes(['a', 'b'], ['a', 'b']), { gone: [], same: true });
  assert.deepEqual(changes(['a', 'b', 'c'], ['c', 'a']), { gone: ['b'], same: false });
});

test('what was chosen is told in lines, and what is not known is left out', () => {
  const told = facts('worker', { worker_id: 'W1', now: 1000, position: { age: 4, freshness: 'fresh', containment: 'inside', doubts: [], states: ['sos'] }, patrol: { count: 80, of: 120, percent: 66.7 }, grid_id: null }, say);
  assert.equal(told.title, 'chosen.worker W1');
  assert.deepEqual(told.facts.map((fact) => fact.value), ['4 s', 'freshness.fresh', 'containment.inside', '80 / 120 min', 'doubt.sos']);
  const event = facts('event', { event_id: 'E1', class_name: 'Litter', status: 'handled', level: 'street', band: 'overdue', age: 7300 }, say);
  assert.deepEqual(event.facts.map((fact) => fact.value), ['E1', 'step.handled', 'level.street', 'band.overdue', '2 h']);
  assert.equal(facts('camera', { name: 'Gate', state: 'offline', age: null }, say).facts.length, 1);
  assert.deepEqual([told.feed, event.feed], ['fixes', 'events'], 'whose age stands in the corner');
  assert.deepEqual(facts('camera', { state: 'offline', since: 940, now: 1000 }, say).facts.map((fact) => fact.value), ['camera.offline', '60 s']);
});

test('who came near is counted in people, or in one person', () => {
  const near = (/** @type {number} */ count) => facts('event', { near: count }, say).facts[0].value;
  assert.deepEqual([near(0), near(1), near(10)], ['chosen.people', 'chosen.person', 'chosen.people']);
});

test('a camera is told with its name, and an event opens its case', () => {
  const told = facts('camera', { camera_id: 'c-7', name: 'North gate', state: 'offline', age: 130, owner: 'police', platform: 'p1', switch: 's2' }, say);
  assert.equal(told.title, 'chosen.camera North gate');
  assert.deepEqual(told.facts.map((fact) => fact.value), ['camera.offline', '2 min', 'police', 'p1', 's2', 'c-7']);
  assert.equal(caseAddress('E 1&x', 'en'), '/case?id=E+1%26x&lang=en');
  assert.equal(caseAddress(undefined, 'en'), '');
});
