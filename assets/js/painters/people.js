/** A number with what it is made of, and a list under it: out of grid, and grids with nobody. */

import { fillRow, keyed, make, row, skeleton, write } from './rows.js';

/** @typedef {{key: string, name: string, place: string, age: string, band?: string}} Row */
/** @typedef {{number: string, percent: string, share: string, of: string, doubtful?: string, columns?: string, rows: Row[], none: string}} Payload */

/** @param {HTMLElement} element @param {Payload} payload */
export function paint(element, payload) {
  const parts = skeleton(element, 'people', build);
  write(parts.number, payload.number);
  write(parts.share, `${payload.percent} · ${payload.share}`);
  write(parts.of, payload.of);
  write(parts.note, payload.rows.length ? (payload.doubtful ?? '') : payload.none);
  write(parts.columns, payload.rows.length ? (payload.columns ?? '') : '');
  keyed(parts.rows, payload.rows, row, fillRow);
}

function build() {
  const number = make('span', 'number');
  const share = make('span');
  const of = make('span', 'aside-word');
  const line = make('div', 'figure-line', [number, make('span', 'made-of', [share, of])]);
  const [note, columns] = [make('span'), make('span')];
  return { number, share, of, note, columns, line, heads: make('p', 'heading heading-ends', [note, columns]), rows: make('div', 'rows') };
}
