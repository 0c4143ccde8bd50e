import { afterEach, beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { Turning } from '../turning.js';

const page = /** @type {any} */ (globalThis);
/** @type {((ms: number) => void)[]} */
let frames = [];

beforeEach(() => {
  frames = [];
  page.requestAnimationFrame = (/** @type {(ms: number) => void} */ turn) => frames.push(turn);
});
afterEach(() => { delete page.requestAnimationFrame; });

/** A wall that notes what happens to it. @param {object} given */
function wall(given = {}) {
  const said = /** @type {string[]} */ ([]);
  const picture = { ink: { turn: () => said.push('picture'), due: () => Infinity } };
  const made = {
    said, picture, closed: false, clock: { known: true }, live: { drawn: () => said.push('drawn') },
    parts: { show: (/** @type {string} */ message) => said.push(message) },
    eachSecond: () => said.push('second'), ...given,
  };
  return /** @type {any} */ (made);
}

const part = (/** @type {string} */ text) => /** @type {any} */ (text);

test('panels wait for the next picture of a map that is drawn', () => {
  const here = wall();
  const turning = new Turning(here);
  turning.wake();
  frames[0](1);
  here.said.length = 0;
  turning.take(part('panels'));
  assert.deepEqual(here.said, []);
  turning.wake();
  frames[1](2);
  assert.deepEqual(here.said.filter((/** @type {string} */ word) => word !== 'second'), ['panels', 'picture', 'drawn']);
});

test('panels are shown at once where no map is drawn', () => {
  const here = wall({ picture: undefined });
  new Turning(here).take(part('panels'));
  assert.deepEqual(here.said, ['panels']);
});

test('whatever changes while a frame is made asks for no other frame', () => {
  const here = wall();
  const turning = new Turning(here);
  here.eachSecond = () => turning.wake();
  turning.wake();
  turning.wake();
  frames[0](1);
  assert.equal(frames.length, 1);
  turning.wake();
  assert.equal(frames.length, 2);
});

test('a frame that breaks does not stop those after it', () => {
  const turning = new Turning(wall({ eachSecond: () => { throw new Error('out of order'); } }));
  turning.wake();
  assert.throws(() => frames[0](1), /out of order/);
  turning.wake();
  assert.equal(frames.length, 2);
});
