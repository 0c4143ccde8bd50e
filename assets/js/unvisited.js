/** Unvisited: the patrol cells nobody has been in today, as quiet hexes. The panel's payload says where they are to be had.
 *
 * parts.unvisited.cells: an address; GET → {"q": [...], "r": [...]} (axial cells, feeds/hexes.py). Without it nothing is drawn.
 */

import { json } from './geo.js';
import { HeatLayer } from './heat.js';

const EVERY_MS = 60_000;

export class Unvisited {
  /** @param {number} size of a cell, degrees @param {[number, number]} origin @param {import('./theme.js').Theme} theme */
  constructor(size, origin, theme) {
    /** @type {{q: number, r: number, now: number}[]} */
    this.cells = [];
    const still = /** @type {any} */ ({ size, halfLife: 1e9, warm: () => this.cells });
    const one = Array(4).fill(theme.soon);
    this.layer = new HeatLayer(still, origin, { ...theme, heat: one });
    this.layer.strength = 0.11;
    this.layer.thins = false;
    this.layer.shown = false;
    this.asked = -Infinity;
  }

  /** At most once a minute, and only while somebody looks. @param {string | undefined} address @param {number} page ms */
  async turn(address, page) {
    if (!address || !this.layer.shown || page - this.asked < EVERY_MS) return false;
    this.asked = page;
    const { q, r } = await json(address);
    this.cells = q.map((/** @type {number} */ value, /** @type {number} */ at) => ({ q: value, r: r[at], now: 2 }));
    this.layer.turn(0);
    return true;
  }
}
