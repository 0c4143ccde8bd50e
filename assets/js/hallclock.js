/** Hall clock: what time it is in the hall, worked out from the frames; it goes on when they stop. */

const JUMP = 2000;

export class HallClock {
  constructor() {
    this.speed = 1;
    this.offset = NaN; // hall ms at page ms 0
  }

  /** @param {number} speed */
  setSpeed(speed) {
    if (speed !== this.speed) this.offset = NaN;
    this.speed = speed;
  }

  /** A frame made at hall time `now` was met at page time `page` (ms). The least delayed frame tells the time best.
   * @param {number} now @param {number} page */
  meet(now, page) {
    const offset = now - page * this.speed;
    const jumped = Math.abs(offset - this.offset) > JUMP * Math.max(1, this.speed);
    if (Number.isNaN(this.offset) || jumped || offset > this.offset) this.offset = offset;
    else this.offset += (offset - this.offset) * 0.002; // clocks drift: forget slowly
  }

  get known() {
    return !Number.isNaN(this.offset);
  }

  /** Hall time in ms. @param {number} page */
  at(page) {
    return this.offset + page * this.speed;
  }

  /** Hall time in seconds. @param {number} page */
  seconds(page) {
    return this.at(page) / 1000;
  }
}
