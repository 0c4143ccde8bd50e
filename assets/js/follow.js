/** Follow: with nobody at the map, the events view goes to what is new and what is worst by itself, calmly; a hand takes over. */

import { hottest } from './candidates.js';
import { metres } from './plane.js';
import { STAY_MS } from './tour.js';

/** @typedef {import('./choose.js').Choice} Choice @typedef {import('./events.js').OpenEvent} OpenEvent */

const REACH_METRES = 3000;
/** Before the first: whoever has just opened the wall sees the whole. */
const FIRST_MS = 8000;

/** Where it goes in turn; whole: nothing chosen, the map as wide as the area. */
export const ROUND = /** @type {const} */ (['newest', 'hot', 'newest', 'worst', 'whole']);

export class Follow {
  /** @param {import('./wall.js').Wall} wall */
  constructor(wall) {
    this.wall = wall;
    this.stop = -1;
    this.moved = performance.now() - STAY_MS + FIRST_MS;
    /** @type {Set<number>} told lately: each event once in a round */
    this.told = new Set();
    this.leading = false; // is what is chosen now chosen by us
  }

  /** @param {number} now page ms @param {boolean} free nobody's hand, no alarm */
  turn(now, free) {
    const { wall } = this;
    if (!free || !wall.events?.open.size || !wall.map?.isStyleLoaded() || now - this.moved < STAY_MS) return;
    this.moved = now;
    this.stop = (this.stop + 1) % ROUND.length;
    if (this.stop === 0) this.told.clear();
    this.go(this.pick(ROUND[this.stop]));
  }

  /** @param {Choice | null} choice */
  go(choice) {
    const { wall } = this;
    this.leading = Boolean(choice);
    wall.choose?.take(choice, false);
    wall.fly(choice, 14.2);
  }

  /** @param {typeof ROUND[number]} kind @returns {Choice | null} */
  pick(kind) {
    const { events, tour } = this.wall;
    const open = [...(events?.open.values() ?? [])].filter((event) => event.placed && !this.told.has(event.id));
    const worst = hottest(this.wall).find((choice) => !this.told.has(choice.id ?? 0));
    const spot = tour.places[0] && near(open, tour.places);
    const found = { newest: newest(open), hot: spot ?? newest(open), worst, whole: null }[kind];
    if (!found) return null;
    this.told.add(found.id ?? 0);
    return { kind: 'event', row: found.key ?? 0, ...found };
  }

  /** Another view: what we chose is let go, what a hand chose stays. */
  leave() {
    if (this.leading) this.go(null);
    this.moved = performance.now() - STAY_MS + FIRST_MS;
  }
}

/** @param {OpenEvent[]} open */
export function newest(open) {
  return open.reduce((/** @type {OpenEvent | undefined} */ best, one) => (best && best.reported >= one.reported ? best : one), undefined);
}

/** The newest at the hottest place that has any. @param {OpenEvent[]} open @param {{lon: number, lat: number}[]} places */
export function near(open, places) {
  for (const place of places) {
    const found = newest(open.filter((one) => metres(one.lon, one.lat, place.lon, place.lat) < REACH_METRES));
    if (found) return found;
  }
  return undefined;
}
