/** Hexes: cells of the heat, pointy-top, axial, on the Mercator plane. feeds/hexes.py counts the same. */

import { latitude, planeY } from './plane.js';

const SQRT3 = Math.sqrt(3);

/** The cell of a place. @param {number} lon @param {number} lat @param {number} size degrees @returns {[number, number]} */
export function cell(lon, lat, size) {
  const y = planeY(lat);
  return rounded(((SQRT3 / 3) * lon - y / 3) / size, ((2 / 3) * y) / size);
}

/** Centre on the plane. @param {number} q @param {number} r @param {number} size @returns {[number, number]} x, y */
export function centre(q, r, size) {
  return [size * SQRT3 * (q + r / 2), size * 1.5 * r];
}

/** Centre as longitude and latitude. @param {number} q @param {number} r @param {number} size @returns {[number, number]} */
export function place(q, r, size) {
  const [x, y] = centre(q, r, size);
  return [x, latitude(y)];
}

/** @param {number} q @param {number} r @returns {[number, number]} */
function rounded(q, r) {
  const s = -q - r;
  let [a, b] = [even(q), even(r)];
  const c = even(s);
  const [dq, dr, ds] = [Math.abs(a - q), Math.abs(b - r), Math.abs(c - s)];
  if (dq > dr && dq > ds) a = -b - c;
  else if (dr > ds) b = -a - c;
  return [a, b];
}

/** Halves go to the even number, as NumPy's rint has it. @param {number} value */
function even(value) {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}
