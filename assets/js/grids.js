/** Grids: how many events are open in each, as steps of one blue; only what changed is told to the map. */

/** @typedef {import('./events.js').Events} Events */

/** The ground is drawn again no sooner than this, so every other second: a busy city in calm steps, what changed alone at once. */
const GROUND_MS = 1500;

/** Steps of the ramp: the least count of each. The last moves up with the city. */
export const LEAST = [1, 2, 4, 8];

/** Where a count stands on the ramp: 0 none … 4 the most. @param {number} count @param {number} scale 1, 2, 4 … */
export function step(count, scale) {
  let at = 0;
  while (at < LEAST.length && count >= LEAST[at] * (at ? scale : 1)) at++;
  return at;
}

/** A power of two, so that the meaning of a blue changes rarely: about one busy grid in twenty is darkest.
 * @param {Uint16Array} counts */
export function scaleOf(counts) {
  const busy = counts.filter((count) => count > 0).sort();
  const high = busy[Math.floor(busy.length * 0.95)] ?? 0;
  return 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(1, high) / LEAST[3])));
}

export class Grids {
  /** @param {import('maplibre-gl').Map} map @param {number} count */
  constructor(map, count) {
    this.map = map;
    this.counts = new Uint16Array(count);
    this.steps = new Uint8Array(count);
    this.scale = 1;
    this.counted = -1; // version of the events
    this.shaded = -Infinity; // page ms
  }

  /** As the backlog is now, if it is another and the ground may be drawn again. @param {Events} events @param {number} now page ms */
  shade(events, now) {
    if (this.counted === events.version || now - this.shaded < GROUND_MS || !this.count(events)) return;
    this.shaded = now;
    this.map.redraw(); // in the frame that we are in: a map left to itself has the page put together once more
  }

  /** How many grids look different now. @param {Events} events */
  count(events) {
    if (!this.map.isStyleLoaded()) return 0;
    this.counted = events.version;
    events.byGrid(this.counts);
    return this.paint();
  }

  /** Counts were filled anew: paint the difference. Returns how many grids changed. */
  paint() {
    if (!this.map.getSource('grids')) return 0;
    const wanted = scaleOf(this.counts);
    // up at once, down only when far below: no shimmer at the border of a scale
    if (wanted > this.scale || wanted * 4 <= this.scale) this.scale = wanted;
    let changed = 0;
    for (let row = 0; row < this.counts.length; row++) {
      const now = step(this.counts[row], this.scale);
      if (now === this.steps[row]) continue;
      this.steps[row] = now;
      // told to the style itself: the map would ask for a picture of its own, and we have it drawn in ours
      this.map.style.setFeatureState({ source: 'grids', id: row }, { step: now });
      changed++;
    }
    return changed;
  }

  /** After the map lost its memory. */
  repaint() {
    this.steps.fill(0);
    return this.paint();
  }
}
