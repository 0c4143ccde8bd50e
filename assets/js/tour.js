/** Tour: with nobody at the map it goes round the hottest places; a hand stops it, with a sign, for two minutes. */

export const STAY_MS = 20_000;
export const HANDS_OFF_MS = 120_000;

/** @typedef {{lon: number, lat: number, weight: number}} Place */

export class Tour {
  /** @param {boolean} wanted @param {(place: Place | null) => void} go null: the whole area */
  constructor(wanted, go) {
    this.wanted = wanted;
    this.following = false; // the view goes by itself (follow.js), unless the space bar said no
    this.quiet = false;
    this.go = go;
    /** @type {Place[]} */
    this.places = [];
    this.stop = -1; // even: the whole, odd: a place
    this.moved = 0;
    this.touched = -Infinity;
    this.alarm = false;
  }

  /** @param {number} now page ms */
  touch(now) {
    this.touched = now;
  }

  /** The space bar, or the sign itself: on and off, and on again at once after a hand. @param {number} now */
  toggle(now) {
    if (this.active && now - this.touched < HANDS_OFF_MS) this.touched = -Infinity;
    else if (this.following) this.quiet = !this.quiet;
    else this.wanted = !this.wanted;
    this.moved = -Infinity;
  }

  get active() {
    return this.following ? !this.quiet : this.wanted;
  }

  /** 'tour' or 'follow', 'locked' by a hand, 'alarm' while somebody calls for help, or '' when nobody wants a tour.
   * @param {number} now @returns {'tour' | 'follow' | 'locked' | 'alarm' | ''} */
  state(now) {
    if (!this.active) return '';
    if (now - this.touched < HANDS_OFF_MS) return 'locked';
    if (this.alarm) return 'alarm';
    return this.following ? 'follow' : 'tour';
  }

  /** @param {number} now */
  turn(now) {
    if (this.state(now) !== 'tour' || now - this.moved < STAY_MS || !this.places.length) return;
    this.moved = now;
    this.stop = (this.stop + 1) % (this.places.length * 2);
    this.go(this.stop % 2 ? (this.places[this.stop >> 1] ?? null) : null);
  }
}
