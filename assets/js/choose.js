/** Choose: by click or key a worker, an event or a camera; the choice shows its tracks and goes out to the page. */

/** @typedef {{kind: 'worker' | 'event' | 'camera', row: number, id?: number, key?: number, district?: number, lon: number, lat: number}} Choice */
/** @typedef {{lon: number, lat: number, weight?: number}} Spot */

const REACH = 18; // pixels a finger may miss by, at 1080 lines

/** The nearest of places to a point on the screen, none beyond `reach`. `x`, `y`: pixels of each.
 * @template T @param {Iterable<{x: number, y: number, what: T}>} places @param {number} x @param {number} y @param {number} reach
 * @returns {T | null} */
export function nearest(places, x, y, reach) {
  let best = reach * reach;
  let found = null;
  for (const place of places) {
    const away = (place.x - x) ** 2 + (place.y - y) ** 2;
    if (away <= best) [best, found] = [away, place.what];
  }
  return found;
}

export class Choose {
  /** @param {{map: import('maplibre-gl').Map, candidates: () => Iterable<{x: number, y: number, what: Choice}>, hot: () => Choice[],
   *   chosen: (choice: Choice | null, byHand: boolean) => void, show: (choice: Choice) => void}} room */
  constructor(room) {
    this.room = room;
    /** @type {Choice | null} */
    this.choice = null;
    this.at = -1;
    room.map.on('click', (event) => this.click(event.point.x, event.point.y));
  }

  /** @param {number} x @param {number} y */
  click(x, y) {
    const reach = REACH * Math.max(1, this.room.map.getContainer().clientHeight / 1080);
    this.take(nearest(this.room.candidates(), x, y, reach), true);
  }

  /** @param {Choice | null} choice @param {boolean} byHand */
  take(choice, byHand) {
    this.choice = choice;
    this.room.chosen(choice, byHand);
  }

  /** Through the hottest, forward or back: on from what is chosen, wherever it stands by now. @param {number} by */
  walk(by) {
    const hot = this.room.hot();
    if (!hot.length) return;
    const here = hot.findIndex((one) => one.kind === this.choice?.kind && one.id === this.choice?.id && one.row === this.choice?.row);
    const from = here < 0 ? this.at : here;
    this.at = from < 0 && by < 0 ? hot.length - 1 : (from + by + hot.length) % hot.length;
    this.take(hot[this.at], true);
    this.room.show(hot[this.at]);
  }

  /** Tab is the browser's: it goes from door to door. @param {KeyboardEvent} event @returns {boolean} whether it was ours */
  key(event) {
    const acts = /** @type {Record<string, () => void>} */ ({
      ArrowRight: () => this.walk(1),
      ArrowDown: () => this.walk(1),
      ArrowLeft: () => this.walk(-1),
      ArrowUp: () => this.walk(-1),
      Escape: () => this.take(null, true),
    });
    const act = acts[event.key];
    act?.();
    return Boolean(act);
  }
}
