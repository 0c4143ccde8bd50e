/** Tour: with nobody at the map it goes round the hottest places; a hand stops it, with a sign, for two minutes. */

export const STAY_MS = 20_000;
export const HANDS_OFF_MS = 120_000;

/** @typedef {{lon: number, lat: number, weight: number}} Place */

export class Tour {
  /** @param {boolean} wanted @param {(place: Place | null) => void} go null: the whole area */
  constructor(wanted, go) {
    this.wanted = wanted;
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
    if (this.wanted && now - this.touched < HANDS_OFF_MS) this.touched = -Infinity;
    else this.wanted = !this.wanted;
    this.moved = -Infinity;
  }

  /** 'tour', 'locked' by a hand, or '' when nobody wants a tour. @param {number} now @returns {'tour' | 'locked' | ''} */
  state(now) {
    if (!this.wanted) return '';
    return now - this.touched < HANDS_OFF_MS ? 'locked' : 'tour';
  }

  /** @param {number} now */
  turn(now) {
    if (this.state(now) !== 'tour' || this.alarm || now - this.moved < STAY_MS || !this.places.length) return;
    this.moved = now;
    this.stop = (this.stop + 1) % (this.places.length * 2);
    this.go(this.stop % 2 ? (this.places[this.stop >> 1] ?? null) : null);
  }
}
