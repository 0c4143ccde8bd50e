/** Doors: numbers of a light wall open light pages. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lit } from '../doors.js';

const WALL = 'http://hall.example:8050/wall?theme=light';

test('a number of a light wall opens a light list', () => {
  assert.equal(lit('/cases?area=a%2Fb&lang=en', 'light', WALL), '/cases?area=a%2Fb&lang=en&theme=light');
});

test('an address that says its theme, or is not ours, is left as it is', () => {
  assert.equal(lit('/cases?theme=dark', 'light', WALL), '/cases?theme=dark');
  assert.equal(lit('https://elsewhere.example/?a=1', 'light', WALL), 'https://elsewhere.example/?a=1');
  assert.equal(lit('#top', 'dark', 'http://hall.example:8050/wall'), '#top');
});
