/** Beside the map: how many open events have no position. */

import { write } from './rows.js';

/** @param {HTMLElement} element @param {{text: string}} payload */
export function paint(element, payload) {
  write(element, payload.text);
}
