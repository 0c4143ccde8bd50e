/** Sequence: what may be applied, and what must be asked for again. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sequence } from '../sequence.js';

const frame = (/** @type {number} */ seq, more = {}) => ({ whole: false, seq, epoch: 1, district: 7, ...more });

test('a delta before any whole frame is asked for', () => {
  assert.equal(new Sequence().judge(frame(5)), 'ask');
});

test('after a whole frame the next ones follow, and a repeated one is dropped', () => {
  const sequence = new Sequence();
  assert.equal(sequence.judge(frame(10, { whole: true })), 'apply');
  assert.equal(sequence.judge(frame(11)), 'apply');
  assert.equal(sequence.judge(frame(11)), 'drop');
  assert.equal(sequence.judge(frame(12)), 'apply');
});

test('a gap is asked for, until a whole frame comes', () => {
  const sequence = new Sequence();
  sequence.judge(frame(10, { whole: true }));
  assert.equal(sequence.judge(frame(12)), 'ask');
  assert.equal(sequence.judge(frame(13)), 'ask');
  assert.equal(sequence.judge(frame(20, { whole: true })), 'apply');
  assert.equal(sequence.judge(frame(21)), 'apply');
  assert.equal(sequence.gaps, 1);
});

test('districts do not disturb each other', () => {
  const sequence = new Sequence();
  sequence.judge(frame(1, { whole: true }));
  sequence.judge(frame(100, { whole: true, district: 8 }));
  assert.equal(sequence.judge(frame(2)), 'apply');
  assert.equal(sequence.judge(frame(101, { district: 8 })), 'apply');
});

test('a new fold must begin with a whole frame, and the deposed one is heard no more', () => {
  const sequence = new Sequence();
  sequence.judge(frame(10, { whole: true }));
  assert.equal(sequence.judge(frame(11, { epoch: 2 })), 'ask');
  assert.equal(sequence.judge(frame(1, { epoch: 2, whole: true })), 'apply');
  assert.equal(sequence.judge(frame(11, { epoch: 1 })), 'drop');
  assert.equal(sequence.judge(frame(12, { epoch: 1, whole: true })), 'drop');
  assert.equal(sequence.judge(frame(2, { epoch: 2 })), 'apply');
});

test('numbers come round after 2^32', () => {
  const sequence = new Sequence();
  sequence.judge(frame(0xffffffff, { whole: true }));
  assert.equal(sequence.judge(frame(0)), 'apply');
});
