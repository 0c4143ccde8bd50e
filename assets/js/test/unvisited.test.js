/** Unvisited: told from the ground in either light, and no louder than it takes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DARK, LIGHT, rgb } from '../theme.js';
import { contrast, cover, Hatching, mixed } from '../unvisited.js';

test('black and white are as far apart as can be', () => {
  assert.equal(Math.round(contrast([0, 0, 0], [1, 1, 1])), 21);
  assert.equal(contrast([0.3, 0.4, 0.5], [0.3, 0.4, 0.5]), 1);
});

for (const [name, theme] of Object.entries({ DARK, LIGHT })) {
  test(`the hatching is about 3 to 1 against ground and land: ${name}`, () => {
    const { colour, cover: share } = new Hatching(0.005, [0, 0], theme);
    for (const ground of [theme.ground, theme.land].map(rgb)) {
      const seen = contrast(mixed(colour, ground, share), ground);
      assert.ok(seen >= 3 && seen < 4, `${seen.toFixed(2)} on ${ground}`);
    }
  });
}

test('a colour that can never be told from its ground is put on whole', () => {
  assert.equal(cover([0.5, 0.5, 0.5], [0.5, 0.5, 0.5], 3), 1);
});

test('each cell has four corners, as many as there are', () => {
  const layer = new Hatching(0.005, [0, 0], DARK);
  layer.put(Array(2000).fill(1), Array(2000).fill(-2));
  assert.equal(layer.cells, 2000);
  assert.ok(layer.values.length >= 2000 * 8);
  assert.deepEqual([...layer.values.subarray(0, 2)], [...layer.values.subarray(15998, 16000)]);
});
