/** Plane: spherical Mercator in degrees, where hexes are hexes and drawing is a shift and a scale. */

const RADIANS = Math.PI / 180;

/** @param {number} lat degrees */
export function planeY(lat) {
  return Math.log(Math.tan(Math.PI / 4 + (lat * RADIANS) / 2)) / RADIANS;
}

/** @param {number} y degrees of the plane */
export function latitude(y) {
  return (2 * Math.atan(Math.exp(y * RADIANS)) - Math.PI / 2) / RADIANS;
}

/** Pixels of a degree of the plane at a zoom. @param {number} zoom */
export function pixelsPerDegree(zoom) {
  return (512 * 2 ** zoom) / 360;
}

/** Metres between two places a city apart at most. @param {number} lonA @param {number} latA @param {number} lonB @param {number} latB */
export function metres(lonA, latA, lonB, latB) {
  const x = (lonB - lonA) * Math.cos(((latA + latB) / 2) * RADIANS);
  return Math.hypot(x, latB - latA) * 111195;
}
