/** Events: what is open, by place and age band, as the frames have said it. */

import { NONE, NOWHERE, E7 } from './frame.js';

const ARCHIVED = 4;
const DAY_SEVEN = 168 * 3600;

/** @typedef {{id: number, district: number, key: number, lon: number, lat: number, placed: boolean, reported: number,
 *   due: number, grid: number, area: number, classRow: number, step: number, level: number}} OpenEvent */
/** @typedef {'due' | 'soon' | 'overdue' | 'long_open'} Band */

export class Events {
  constructor() {
    /** @type {Map<number, OpenEvent>} */
    this.open = new Map();
    this.version = 0;
    /** @type {OpenEvent[]} new since last asked, placed ones only */
    this.fresh = [];
    this.latest = 0; // newest `reported` seen: what is older and only now heard of is no news
  }

  /** @param {import('./frame.js').Frame} frame */
  apply(frame) {
    const table = frame.tables.events;
    if (frame.whole) this.forget(frame.district);
    if (!table || !table.rows) return;
    for (let k = 0; k < table.rows; k++) {
      const id = frame.district * 4294967296 + table.key[k];
      if (table.step[k] >= ARCHIVED) this.open.delete(id);
      else this.take(id, table, k, frame);
    }
    this.version++;
  }

  /** @param {number} id @param {import('./frame.js').Table} table @param {number} k @param {import('./frame.js').Frame} frame */
  take(id, table, k, frame) {
    const known = this.open.has(id);
    const event = row(id, table, k, frame.district);
    this.open.set(id, event);
    const news = !known && !frame.whole && event.placed && event.reported > frame.now / 1000 - 120;
    if (news && this.fresh.length < 64) this.fresh.push(event);
  }

  /** @param {number} district */
  forget(district) {
    for (const [id, event] of this.open) if (event.district === district) this.open.delete(id);
    this.version++;
  }

  /** @returns {OpenEvent[]} */
  news() {
    const { fresh } = this;
    this.fresh = [];
    return fresh;
  }

  /** Open events by grid. @param {Uint16Array} counts one place a grid, filled anew @returns {number} those in no grid */
  byGrid(counts) {
    counts.fill(0);
    let nowhere = 0;
    for (const { grid } of this.open.values()) {
      if (grid === NONE || grid >= counts.length) nowhere++;
      else counts[grid]++;
    }
    return nowhere;
  }

  clear() {
    this.open.clear();
    this.fresh = [];
    this.version++;
  }
}

/** @param {number} id @param {import('./frame.js').Table} table @param {number} k @param {number} district @returns {OpenEvent} */
function row(id, table, k, district) {
  return {
    id,
    district,
    key: table.key[k],
    placed: table.lon[k] !== NOWHERE,
    lon: table.lon[k] * E7,
    lat: table.lat[k] * E7,
    reported: table.reported[k],
    due: table.due[k],
    grid: table.grid[k],
    area: table.area[k],
    classRow: table.class_row[k],
    step: table.step[k],
    level: table.level[k],
  };
}

/** @param {{due: number, reported: number}} event @param {number} now hall seconds
 * @param {{soon_minutes: number, long_open_hours: number}} limits @returns {Band} */
export function band(event, now, limits) {
  const long = limits.long_open_hours * 3600;
  const since = event.due || event.reported + DAY_SEVEN;
  if (now > since + long) return 'long_open';
  if (!event.due) return 'due';
  if (now > event.due) return 'overdue';
  return event.due - now < limits.soon_minutes * 60 ? 'soon' : 'due';
}
