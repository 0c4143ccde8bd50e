/** Reds: who is out of grid, as at most a dozen red signs: alone a diamond, together a diamond with their number. */

import { OUTSIDE, CONTAINMENT, SOS } from './crowd.js';
import { latitude } from './plane.js';

/** @typedef {import('./labels.js').Label} Label */
const MOST = 12;

/** @param {import('./crowd.js').Crowd} crowd @param {number} now hall seconds @param {number} ageing seconds
 * @returns {number[]} slots of those who are out, and were heard of lately */
export function outside(crowd, now, ageing) {
  const out = [];
  for (let slot = 0; slot < crowd.count; slot++) {
    if ((crowd.mark[slot] & CONTAINMENT) === OUTSIDE && crowd.at[slot] && now - crowd.at[slot] < ageing) out.push(slot);
  }
  return out;
}

/** Together in cells that grow until there are few enough. @param {[number, number][]} places plane offsets
 * @param {number} cell first size, degrees of the plane @param {number} [most] @returns {{x: number, y: number, count: number}[]} */
export function clusters(places, cell, most = MOST) {
  for (;;) {
    /** @type {Map<string, {x: number, y: number, count: number}>} */
    const found = new Map();
    for (const [x, y] of places) {
      const key = `${Math.floor(x / cell)}:${Math.floor(y / cell)}`;
      const one = found.get(key) ?? { x: 0, y: 0, count: 0 };
      found.set(key, { x: one.x + x, y: one.y + y, count: one.count + 1 });
    }
    if (found.size <= most) return [...found.values()].map(({ x, y, count }) => ({ x: x / count, y: y / count, count }));
    cell *= 1.5;
  }
}

/** @param {import('./crowd.js').Crowd} crowd @param {number[]} slots @param {number} page seconds @param {number} cell
 * @returns {Label[]} */
export function redSigns(crowd, slots, page, cell) {
  const [lon, y0] = crowd.origin;
  return clusters(slots.map((slot) => crowd.seen(slot, page)), cell)
    .sort((a, b) => b.count - a.count)
    .map(({ x, y, count }) => ({ lon: x + lon, lat: latitude(y + y0), text: count > 1 ? `◆ ${count}` : '◆', rank: 0, kind: 'cluster' }));
}

/** Is anybody calling for help? @param {import('./crowd.js').Crowd} crowd @param {number} now @param {number} old */
export function calling(crowd, now, old) {
  const calls = [];
  for (let slot = 0; slot < crowd.count; slot++) if (crowd.mark[slot] & SOS && now - crowd.at[slot] < old) calls.push(slot);
  return calls;
}
