/** Turning: when the page is put together: all at once with a picture of the map, by itself while there is none. */

import { tick } from './painters/index.js';

/** So long without a picture, and what goes with pictures goes alone. */
const STILL_MS = 400;
const BEAT_MS = 200;

/** @typedef {import('./parts.js').PartsMessage} PartsMessage */

export class Turning {
  /** @param {import('./wall.js').Wall} wall */
  constructor(wall) {
    this.wall = wall;
    this.asked = 0; // the animation frame that was asked for; none while nothing changes
    this.turned = -Infinity; // page ms of the last picture
    this.second = -1; // of the page, in which the slow layers were last drawn
    this.beat = -Infinity; // page ms of the last look at the line, the signs and the pulses
    /** @type {ReturnType<typeof setTimeout> | undefined} what wakes us should no picture do so */
    this.later = undefined;
    this.rest();
    /** @type {PartsMessage[]} what came for the panels since the last picture */
    this.waiting = [];
  }

  /** A page that asks for every animation frame is put together sixty times a second; this one when there is a reason.
   * Whatever changes while a frame is made is drawn with it: nobody needs another. */
  wake() {
    if (this.asked || this.wall.closed) return;
    this.asked = requestAnimationFrame((ms) => {
      try {
        this.turn(ms);
      } finally {
        this.asked = 0;
      }
    });
  }

  /** @param {number} ms */
  turn(ms) {
    const { picture, live, closed } = this.wall;
    if (!picture || closed) return;
    this.turned = performance.now();
    this.along(this.turned);
    picture.ink.turn(ms);
    live.drawn();
    const due = picture.ink.due(ms);
    if (due < Infinity) setTimeout(() => this.wake(), due);
  }

  /** Before the picture: panels, the clock and the signs; each second counts, cameras, heat. @param {number} now page ms */
  along(now) {
    this.rest(); // first of all: what breaks below is tried again
    for (const message of this.waiting.splice(0)) this.wall.parts.show(message);
    tick();
    if (now - this.beat >= BEAT_MS) {
      this.beat = now;
      this.wall.eachBeat(now);
    }
    const second = Math.floor(now / 1000);
    if (second === this.second || !this.wall.picture || !this.wall.clock.known) return;
    this.second = second;
    this.wall.eachSecond(now);
  }

  /** Nothing comes in, nobody looks, or this machine cannot draw: the rest goes on. @param {number} now page ms */
  alone(now) {
    if (now - this.turned > STILL_MS) this.along(now);
  }

  /** Put off with each picture, so that it wakes nobody while pictures come. */
  rest() {
    clearTimeout(this.later);
    if (this.wall.closed) return;
    this.later = setTimeout(() => this.along(performance.now()), STILL_MS);
  }

  close() {
    clearTimeout(this.later);
  }

  /** Panels wait for the next picture, a quarter of a second. @param {PartsMessage} message */
  take(message) {
    this.waiting.push(message);
    this.alone(performance.now());
  }
}
