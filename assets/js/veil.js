/** Veil: on the wall of one area, what lies outside it steps back, and its outline shows what the numbers are of. */

import { json } from './geo.js';

/** @typedef {[number, number][][]} Rings degrees */
/** How much of the ground lies over what is outside. */
const VEIL = 0.62;

export class Veil {
  /** The canvas lies over what moves and under the names of places. Nothing is drawn while the map stands still.
   * @param {import('maplibre-gl').Map} map @param {{ground: string, text: string}} theme */
  constructor(map, theme) {
    this.map = map;
    this.theme = theme;
    /** @type {Rings} */
    this.rings = [];
    this.canvas = document.createElement('canvas');
    this.canvas.className = 'veil';
    map.getContainer().append(this.canvas);
    this.draw = this.draw.bind(this);
    map.on('move', this.draw);
    map.on('resize', this.draw);
  }

  /** The area's shape. Raises what the network says: the wall goes on without a veil.
   * @param {string} version @param {number} row */
  async load(version, row) {
    const { features } = await json(`/geo/${version}/areas.geojson`);
    this.rings = ringsOf(features.find((/** @type {any} */ one) => one.properties.row === row)?.geometry);
    this.draw();
  }

  /** West, south, east, north of the outline; nothing until it is there. */
  get bounds() {
    return boundsOf(this.rings);
  }

  draw() {
    if (!this.rings.length || !this.canvas.isConnected) return;
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide || this.canvas.height !== high) [this.canvas.width, this.canvas.height] = [wide, high];
    const ink = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    ink.clearRect(0, 0, width, height);
    const outline = this.outline();
    const outside = new Path2D(outline);
    outside.rect(0, 0, width, height);
    ink.globalAlpha = VEIL;
    ink.fillStyle = this.theme.ground;
    ink.fill(outside, 'evenodd');
    ink.globalAlpha = 0.8;
    ink.lineWidth = Math.max(1.5, height / 600);
    ink.lineJoin = 'round';
    ink.strokeStyle = this.theme.text;
    ink.stroke(outline);
  }

  outline() {
    const path = new Path2D();
    for (const ring of this.rings) {
      for (const [n, at] of ring.entries()) {
        const { x, y } = this.map.project(at);
        if (n) path.lineTo(x, y);
        else path.moveTo(x, y);
      }
      path.closePath();
    }
    return path;
  }

  remove() {
    this.map.off('move', this.draw);
    this.map.off('resize', this.draw);
    this.canvas.remove();
  }
}

/** All rings of a polygon or of several, holes too. @param {{type: string, coordinates: any} | undefined} shape @returns {Rings} */
export function ringsOf(shape) {
  if (shape?.type === 'Polygon') return shape.coordinates;
  return shape?.type === 'MultiPolygon' ? shape.coordinates.flat() : [];
}

/** @param {Rings} rings @returns {[number, number, number, number] | null} */
export function boundsOf(rings) {
  const [lons, lats] = [0, 1].map((axis) => rings.flatMap((ring) => ring.map((at) => at[axis])));
  return lons.length ? [least(lons), least(lats), -least(lons.map((x) => -x)), -least(lats.map((y) => -y))] : null;
}

/** An outline may have more corners than a call takes arguments. @param {number[]} numbers */
function least(numbers) {
  return numbers.reduce((low, one) => (one < low ? one : low), Infinity);
}
