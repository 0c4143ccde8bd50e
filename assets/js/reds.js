/** Reds: who is out of grid, as at most a dozen red signs: alone a diamond, together a plate with their number. */

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

/** Together in cells that grow until there are few enough; each stands where the member nearest the middle of its own stands,
 * for the middle may lie in a lake or outside the city. @param {[number, number][]} places plane offsets
 * @param {number} cell first size, degrees of the plane @param {number} [most] @returns {{x: number, y: number, count: number}[]} */
export function clusters(places, cell, most = MOST) {
  for (;;) {
    /** @type {Map<string, [number, number][]>} */
    const found = new Map();
    for (const place of places) {
      const key = `${Math.floor(place[0] / cell)}:${Math.floor(place[1] / cell)}`;
      const others = found.get(key);
      if (others) others.push(place);
      else found.set(key, [place]);
    }
    if (found.size <= most) return [...found.values()].map(middle);
    cell *= 1.5;
  }
}

/** @param {[number, number][]} places */
function middle(places) {
  const count = places.length;
  const [sx, sy] = places.reduce(([ax, ay], [x, y]) => [ax + x, ay + y], [0, 0]);
  const away = (/** @type {[number, number]} */ [x, y]) => (x - sx / count) ** 2 + (y - sy / count) ** 2;
  const [x, y] = places.reduce((best, one) => (away(one) < away(best) ? one : best));
  return { x, y, count };
}

/** @param {import('./crowd.js').Crowd} crowd @param {number[]} slots @param {number} page seconds @param {number} cell
 * @returns {Label[]} */
export function redSigns(crowd, slots, page, cell) {
  const [lon, y0] = crowd.origin;
  return clusters(slots.map((slot) => crowd.seen(slot, page)), cell)
    .sort((a, b) => b.count - a.count)
    .map(({ x, y, count }) => ({ lon: x + lon, lat: latitude(y + y0), text: count > 1 ? `◆ ${count}` : '◆', rank: 0, kind: count > 1 ? 'cluster' : 'stray' }));
}

/** Is anybody calling for help? @param {import('./crowd.js').Crowd} crowd @param {number} now @param {number} old */
export function calling(crowd, now, old) {
  const calls = [];
  for (let slot = 0; slot < crowd.count; slot++) if (crowd.mark[slot] & SOS && now - crowd.at[slot] < old) calls.push(slot);
  return calls;
}
