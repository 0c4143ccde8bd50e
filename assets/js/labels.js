/** Labels: names of places above all data, in local fonts with a dark halo; those that would overlap stay away. */

import { padding } from './map.js';
import { element } from './words.js';

/** @typedef {{lon: number, lat: number, text: string, rank: number, kind: string, dy?: number}} Label */
/** From which zoom a level's names may appear: city, district, street, community. */
const FROM_ZOOM = [99, 0, 9.2, 13.1];
const MOST = 90;

export class Labels {
  /** @param {import('maplibre-gl').Map} map @param {{name: string, level: number, lon: number, lat: number}[]} areas */
  constructor(map, areas) {
    this.map = map;
    this.box = element('div', 'map-labels');
    map.getContainer().append(this.box);
    /** @type {Label[]} */
    this.places = areas
      .filter((area) => area.level > 0)
      .map((area) => ({ lon: area.lon, lat: area.lat, text: area.name, rank: area.level, kind: `level-${area.level}` }));
    /** @type {Label[]} */
    this.extra = [];
    /** @type {{label: Label, element: HTMLElement}[]} */
    this.shown = [];
    /** @type {Map<string, [number, number]>} */
    this.sizes = new Map();
    map.on('move', () => this.follow());
    map.on('moveend', () => this.lay());
    this.lay();
  }

  /** Times along a track, counts of clusters: laid before the names of places. @param {string} kind @param {Label[]} labels */
  set(kind, labels) {
    if (!labels.length && !this.extra.some((one) => one.kind === kind)) return;
    this.extra = this.extra.filter((one) => one.kind !== kind).concat(labels);
    this.lay();
  }

  /** Chooses who is shown: the weightier first, each only where nobody stands yet. */
  lay() {
    const zoom = this.map.getZoom();
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    const hidden = padding(this.map.getContainer());
    /** @type {[number, number, number, number][]} */
    const taken = [];
    const wanted = [...this.extra, ...this.places.filter((one) => zoom >= FROM_ZOOM[one.rank])];
    const chosen = [];
    for (const label of wanted) {
      if (chosen.length >= MOST) break;
      const { x, y } = this.map.project([label.lon, label.lat]);
      if (x < hidden.left || y < hidden.top || x > width - hidden.right || y > height - hidden.bottom) continue;
      const free = this.free(label, x, y, taken);
      if (!free) continue;
      taken.push(free.box);
      label.dy = free.dy;
      chosen.push(label);
    }
    this.show(chosen);
  }

  /** Where a label may stand: at its place, or a line above or below it.
   * @param {Label} label @param {number} x @param {number} y @param {[number, number, number, number][]} taken */
  free(label, x, y, taken) {
    const [w, h] = this.measure(label);
    for (const dy of label.rank ? [0, -h, h] : [0]) {
      const box = /** @type {[number, number, number, number]} */ ([x - w / 2, y + dy - h / 2, x + w / 2, y + dy + h / 2]);
      if (!taken.some((other) => overlap(box, other))) return { dy, box };
    }
    return null;
  }

  /** Keeps the elements of labels that stay. @param {Label[]} chosen */
  show(chosen) {
    const old = new Map(this.shown.map((one) => [one.label, one.element]));
    this.shown = chosen.map((label) => ({ label, element: old.get(label) ?? this.make(label) }));
    const kept = new Set(this.shown.map((one) => one.element));
    for (const gone of old.values()) if (!kept.has(gone)) gone.remove();
    this.follow();
  }

  /** @param {Label} label */
  make(label) {
    const made = element('span', `map-label ${label.kind}`, label.text);
    this.box.append(made);
    return made;
  }

  follow() {
    for (const { label, element: made } of this.shown) {
      const { x, y } = this.map.project([label.lon, label.lat]);
      made.style.transform = `translate(${Math.round(x)}px, ${Math.round(y + (label.dy ?? 0))}px) translate(-50%, -50%)`;
    }
  }

  /** @param {Label} label @returns {[number, number]} */
  measure(label) {
    const key = `${label.kind}|${label.text}`;
    const known = this.sizes.get(key);
    if (known) return known;
    const made = this.make(label);
    const size = /** @type {[number, number]} */ ([made.offsetWidth + 12, made.offsetHeight + 6]);
    made.remove();
    this.sizes.set(key, size);
    return size;
  }

  /** Letters changed their size. */
  remeasure() {
    this.sizes.clear();
    this.lay();
  }
}

/** @param {[number, number, number, number]} a @param {[number, number, number, number]} b */
function overlap(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}
