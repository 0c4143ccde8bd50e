/** Newest and oldest open events, two lists of five. */

import { fillRow, keyed, make, row, sentence, skeleton, write } from './rows.js';

/** @typedef {{key: string, band: string, name: string, place: string, age: string}} Row */

/** @param {HTMLElement} element @param {{empty?: string, lists?: {title: string, rows: Row[]}[]}} payload */
export function paint(element, payload) {
  if (!payload.lists) return sentence(element, payload.empty ?? '');
  const parts = skeleton(element, 'lists', () => ({
    first: make('h3', 'heading'), newest: make('div', 'rows'), second: make('h3', 'heading'), oldest: make('div', 'rows'),
  }));
  const [newest, oldest] = payload.lists;
  write(parts.first, newest.title);
  keyed(parts.newest, newest.rows, row, fillRow);
  write(parts.second, oldest.title);
  keyed(parts.oldest, oldest.rows, row, fillRow);
}
