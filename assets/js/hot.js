/** Hot: the hottest places of the heat, apart from each other, for the tour. */

import { place } from './hexes.js';
import { metres } from './plane.js';

/** @typedef {{q: number, r: number, now: number}} Warm */

/** @param {Warm[]} warm @param {number} size of a cell, degrees @param {number} most @param {number} apart metres
 * @returns {{lon: number, lat: number, weight: number}[]} */
export function hotPlaces(warm, size, most, apart) {
  /** @type {{lon: number, lat: number, weight: number}[]} */
  const found = [];
  for (const { q, r, now } of [...warm].sort((a, b) => b.now - a.now)) {
    const [lon, lat] = place(q, r, size);
    if (found.some((other) => metres(lon, lat, other.lon, other.lat) < apart)) continue;
    found.push({ lon, lat, weight: now });
    if (found.length === most) break;
  }
  return found;
}
