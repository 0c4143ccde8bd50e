/** Crowd: where each worker stands and walks to, one row a worker, laid out as the graphics card reads it. */

import { E7 } from './frame.js';
import { planeY } from './plane.js';

/** Floats a worker has on the card: from x y, to x y, t0, at, mark + 1 (0: never heard of). */
export const STRIDE = 7;
const FAR = 0.03; // degrees: a jump, not a walk
const REBASE = 3600;
/** Bits of mark. */
export const CONTAINMENT = 3;
export const OUTSIDE = 3;
export const TELEPORT = 8;
export const SOS = 32;

/** @typedef {'fresh' | 'ageing' | 'old' | 'lost'} Freshness */

export class Crowd {
  /** @param {number} capacity @param {[number, number]} origin lon, plane y: floats count from there */
  constructor(capacity, origin) {
    this.origin = origin;
    this.rows = new Float32Array(capacity * STRIDE);
    this.at = new Uint32Array(capacity); // hall seconds; 0: never heard of
    this.mark = new Uint8Array(capacity);
    this.district = new Uint32Array(capacity);
    this.count = 0; // rows up to the last one heard of
    this.glide = 2; // seconds from one position to the next
    this.base = NaN; // hall seconds that `at` on the card counts from
    this.pageBase = 0;
    this.version = 0;
    this.moving = -1; // page second until which somebody walks
  }

  /** @param {import('./frame.js').Frame} frame @param {number} page seconds */
  apply(frame, page) {
    const table = frame.tables.workers;
    if (!table || !table.rows) return;
    this.rebase(frame.now / 1000, page);
    let heard = 0;
    let waited = 0;
    for (let k = 0; k < table.rows; k++) {
      const slot = table.slot[k];
      if (slot >= this.at.length) continue;
      const since = this.move(slot, table.lon[k] * E7, table.lat[k] * E7, page, frame.whole);
      if (since > 0.2 && since < 15) (waited += since), heard++;
      this.at[slot] = table.at[k];
      this.mark[slot] = table.mark[k];
      this.district[slot] = frame.district;
      this.rows[slot * STRIDE + 5] = table.at[k] - this.base;
      this.rows[slot * STRIDE + 6] = table.mark[k] + 1;
      if (slot >= this.count) this.count = slot + 1;
    }
    if (heard) this.glide += (Math.min(5, Math.max(0.5, waited / heard)) - this.glide) * 0.02;
    this.moving = page + this.glide;
    this.version++;
  }

  /** From where it is seen now to where it is said to be. Gives the seconds since its last move.
   * @param {number} slot @param {number} lon @param {number} lat @param {number} page @param {boolean} whole */
  move(slot, lon, lat, page, whole) {
    const { rows } = this;
    const i = slot * STRIDE;
    const x = lon - this.origin[0];
    const y = planeY(lat) - this.origin[1];
    const since = page - this.pageBase - rows[i + 4];
    const k = Math.min(1, Math.max(0, since / this.glide));
    const nowX = rows[i] + (rows[i + 2] - rows[i]) * k;
    const nowY = rows[i + 1] + (rows[i + 3] - rows[i + 1]) * k;
    const jump = whole || !this.at[slot] || Math.abs(nowX - x) + Math.abs(nowY - y) > FAR;
    rows[i] = jump ? x : nowX;
    rows[i + 1] = jump ? y : nowY;
    rows[i + 2] = x;
    rows[i + 3] = y;
    rows[i + 4] = page - this.pageBase;
    return jump ? 0 : since;
  }

  /** Floats hold seconds well only while they are small: count anew each hour. @param {number} hall @param {number} page */
  rebase(hall, page) {
    if (Math.abs(hall - this.base) < REBASE && page - this.pageBase < REBASE) return;
    const shift = page - this.pageBase;
    this.base = Math.floor(hall);
    this.pageBase = page;
    for (let slot = 0; slot < this.count; slot++) {
      this.rows[slot * STRIDE + 4] -= shift;
      this.rows[slot * STRIDE + 5] = this.at[slot] - this.base;
    }
  }

  /** Where a worker is seen now: lon offset, plane-y offset. @param {number} slot @param {number} page @returns {[number, number]} */
  seen(slot, page) {
    const i = slot * STRIDE;
    const k = Math.min(1, Math.max(0, (page - this.pageBase - this.rows[i + 4]) / this.glide));
    return [
      this.rows[i] + (this.rows[i + 2] - this.rows[i]) * k,
      this.rows[i + 1] + (this.rows[i + 3] - this.rows[i + 1]) * k,
    ];
  }

  /** All of a district, or everything, is unknown again. */
  clear() {
    this.at.fill(0);
    this.rows.fill(0);
    this.count = 0;
    this.version++;
  }
}

/** @param {number} age seconds @param {{fresh: number, ageing: number, old: number}} limits @returns {Freshness} */
export function freshness(age, limits) {
  if (age < limits.fresh) return 'fresh';
  if (age < limits.ageing) return 'ageing';
  return age < limits.old ? 'old' : 'lost';
}
