/** Frame: bytes made by Python (tests/browser/harness/fixtures.py) are read as they were meant. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NONE, NOWHERE, decode, unbundle } from '../frame.js';

const bytes = readFileSync(new URL('./fixtures/frames.bin', import.meta.url));
const message = () => new Uint8Array(bytes).buffer;

test('a whole frame says who it is from, when, and of which city', () => {
  const [whole, delta, empty] = unbundle(message());
  assert.deepEqual([whole.whole, whole.seq, whole.epoch, whole.district, whole.now, whole.city], [true, 41, 3, 1, 1700000003000.5, 0xdeadbeef]);
  assert.deepEqual([delta.whole, delta.seq], [false, 42]);
  assert.deepEqual([empty.district, Object.keys(empty.tables).length], [4, 0]);
});

test('columns are read as Python wrote them', () => {
  const { workers, events, cameras, heat } = unbundle(message())[0].tables;
  assert.deepEqual([...workers.slot], [0, 2, 5]);
  assert.deepEqual([...workers.lon], [1301234567, -123, 1305000000]);
  assert.deepEqual([...workers.mark], [1, 3, 33]);
  assert.deepEqual([events.lon[1], events.grid[1], events.due[1]], [NOWHERE, NONE, 0]);
  assert.deepEqual([...events.class_row], [2, 0]);
  assert.deepEqual([...events.level], [0, 2]);
  assert.deepEqual([cameras.state[0], cameras.before[0]], [2, 1]);
  assert.deepEqual([[...heat.q], [...heat.weight]], [[-4, 9], [1.5, 0.25]]);
});

test('a table the page does not know is passed over, and what follows it is read', () => {
  const delta = unbundle(message())[1];
  assert.deepEqual(Object.keys(delta.tables), ['workers']);
  assert.equal(delta.tables.workers.at[2], 1700000002);
});

test('nothing is copied: columns are views of the message', () => {
  const buffer = message();
  assert.equal(unbundle(buffer)[0].tables.workers.lon.buffer, buffer);
});

test('a message inside a longer buffer is read as well, aligned or not', () => {
  for (const shift of [0, 1, 3, 4, 8]) {
    const longer = new Uint8Array(bytes.length + shift);
    longer.set(bytes, shift);
    const [whole] = unbundle(longer.subarray(shift));
    assert.equal(whole.now, 1700000003000.5);
    assert.deepEqual([...whole.tables.workers.lat], [467654321, 456, 469000000]);
  }
});

test('what is no bundle, or ends too early, is refused', () => {
  assert.throws(() => unbundle(new ArrayBuffer(0)), RangeError);
  assert.throws(() => unbundle(new ArrayBuffer(64)), RangeError);
  assert.throws(() => decode(new Uint8Array(40)), RangeError);
  assert.throws(() => unbundle(message().slice(0, 100)), RangeError);
});
