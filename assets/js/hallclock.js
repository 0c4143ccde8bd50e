/** Hall clock: what time it is in the hall, worked out from the frames; it goes on when they stop. */

const JUMP = 2000;

export class HallClock {
  constructor() {
    this.speed = 1;
    this.offset = NaN; // hall ms at page ms 0
    this.told = NaN; // hall ms of the newest frame
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
    this.told = this.known && !jumped ? Math.max(this.told, now) : now;
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

  /** Hall time in seconds by which a picture ages: as far as it was told, and from there in real seconds. A word that is half
   * a second on its way is half a second late in a replay too, not half a minute. @param {number} page */
  seconds(page) {
    return (this.told + (this.at(page) - this.told) / Math.max(1, this.speed)) / 1000;
  }
}
