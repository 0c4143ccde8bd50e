import { afterEach, beforeEach, mock, test } from 'node:test';
import assert from 'node:assert/strict';
import { Turning } from '../turning.js';

const page = /** @type {any} */ (globalThis);
/** @type {((ms: number) => void)[]} */
let frames = [];

beforeEach(() => {
  frames = [];
  mock.timers.enable({ apis: ['setTimeout'] });
  page.requestAnimationFrame = (/** @type {(ms: number) => void} */ turn) => frames.push(turn);
});
afterEach(() => {
  mock.timers.reset();
  delete page.requestAnimationFrame;
});

/** A wall that notes what happens to it. @param {object} given */
function wall(given = {}) {
  const said = /** @type {string[]} */ ([]);
  const picture = { ink: { turn: () => said.push('picture'), due: () => Infinity } };
  const made = {
    said, picture, closed: false, clock: { known: true }, live: { drawn: () => said.push('drawn') },
    parts: { show: (/** @type {string} */ message) => said.push(message) },
    eachSecond: () => said.push('second'), eachBeat: () => said.push('signs'), ...given,
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
  assert.deepEqual(here.said.filter((/** @type {string} */ word) => !['second', 'signs'].includes(word)), ['panels', 'picture', 'drawn']);
});

test('panels are shown at once where no map is drawn', () => {
  const here = wall({ picture: undefined });
  new Turning(here).take(part('panels'));
  assert.deepEqual(here.said, ['panels', 'signs']);
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

test('signs are looked at with the pictures, and without any a few times a second', () => {
  const here = wall();
  const turning = new Turning(here);
  turning.wake();
  frames[0](1);
  assert.equal(count(here.said, 'signs'), 1);
  mock.timers.tick(399);
  assert.equal(count(here.said, 'signs'), 1);
  turning.beat = -Infinity; // the page's own clock stands still here
  mock.timers.tick(1);
  assert.equal(count(here.said, 'signs'), 2);
});

test('what breaks without a picture is tried again', () => {
  let broken = 0;
  const turning = new Turning(wall({ picture: undefined, eachBeat: () => { broken++; throw new Error('out of order'); } }));
  for (let k = 1; k <= 3; k++) {
    turning.beat = -Infinity;
    assert.throws(() => mock.timers.tick(400), /out of order/);
    assert.equal(broken, k);
  }
});

test('a wall that has come down is left alone', () => {
  const here = wall();
  const turning = new Turning(here);
  here.closed = true;
  turning.close();
  mock.timers.tick(4000);
  assert.deepEqual(here.said, []);
});

/** @param {string[]} said @param {string} word */
function count(said, word) {
  return said.filter((one) => one === word).length;
}
