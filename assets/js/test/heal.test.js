/** Heal: what the banner says while the line is cut, taken up again, or closed by somebody. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Heal } from '../heal.js';

const PICTURE = 'banner.refused.picture';

/** A wall that has been alive for a second, and what its banner shows at each turn. */
function living() {
  /** @type {string[][]} */
  const shown = [];
  const furniture = /** @type {any} */ ({ banner: (/** @type {string} */ kind, /** @type {string} */ text) => void shown.push([kind, text]) });
  const heal = new Heal(furniture, (key, values) => `${key} ${values?.why ?? ''} ${values?.age ?? ''}`, () => undefined);
  heal.connected(true);
  heal.allowed = true;
  for (let now = 10_000; now <= 11_000; now += 250) heal.turn(now, now);
  return { heal, shown, last: () => shown.at(-1) };
}

test('a line that is taken up again within a second is no news', () => {
  const { heal, shown } = living();
  heal.connected(false);
  for (const now of [11_250, 11_500, 11_750]) heal.turn(now, 11_000);
  heal.connected(true);
  for (const now of [12_000, 12_250]) heal.turn(now, now);
  assert.deepEqual(new Set(shown.map(([kind]) => kind)), new Set(['']));
});

test('a line that stays away is told with the age of the picture, however often it is tried anew', () => {
  const { heal, last } = living();
  heal.connected(false);
  for (let now = 11_250; now <= 21_000; now += 250) heal.turn(now, now > 16_000 ? 16_000 : 11_000);
  assert.deepEqual(last(), ['lost', 'banner.lost  10 s']);
  heal.connected(true);
  heal.turn(21_250, 21_250);
  assert.deepEqual(last(), ['restored', 'banner.restored  ']);
});

test('a line that somebody closed is told calmly, with the reason and the age of the picture, and never as lost', () => {
  const { heal, shown, last } = living();
  heal.connected(false);
  heal.turn(11_250, 11_000);
  heal.refused = 'taken back';
  for (let now = 11_500; now <= 41_000; now += 250) heal.turn(now, 11_000);
  assert.deepEqual(last(), ['refused', `${PICTURE} taken back 30 s`]);
  assert.ok(shown.every(([kind]) => kind !== 'lost'));
});

test('one who was never let in is told why, and of no picture', () => {
  for (const up of [true, false]) {
    const { heal, last } = living();
    heal.allowed = false;
    heal.connected(up);
    heal.refused = 'no such area';
    heal.turn(11_250, 11_000);
    assert.match(String(last()), /^refused,banner.refused no such area/);
  }
});
