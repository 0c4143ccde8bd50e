/** Veil: what an area's outline is made of. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { boundsOf, ringsOf } from '../veil.js';

const RING = [[1, 1], [2, 1], [2, 2], [1, 1]];

test('an area of one piece, of several, or of none has all its rings', () => {
  assert.deepEqual(ringsOf({ type: 'Polygon', coordinates: [RING, RING] }), [RING, RING]);
  assert.deepEqual(ringsOf({ type: 'MultiPolygon', coordinates: [[RING], [RING, RING]] }), [RING, RING, RING]);
  assert.deepEqual(ringsOf(undefined), []);
});

test('the wall of an area shows all of its outline, and what the centres of its parts say until that is there', () => {
  assert.deepEqual(boundsOf([RING, [[0, 5], [3, 4], [0, 5]]]), [0, 1, 3, 5]);
  assert.equal(boundsOf([]), null);
});
