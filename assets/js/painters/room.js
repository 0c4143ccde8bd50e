/** Room: what the head goes without, one thing after the other, so that the name of the place is not cut. */

import { mark } from './rows.js';

/** Words of views that are not shown (their keys stay); space between things; words of grades (shape, colour and age stay). */
const SPARED = ['', 'views', 'views gaps', 'views gaps grades'];

/** @type {WeakMap<HTMLElement, string>} */
const known = new WeakMap();

/** Measures only when more than digits has changed: they are all as wide. @param {HTMLElement} head @param {HTMLElement} place */
export function makeRoom(head, place) {
  const view = /** @type {HTMLElement | null} */ (head.closest('[data-view]'))?.dataset.view;
  const about = `${head.textContent?.replace(/\d/g, '0')} ${view} ${innerWidth} ${innerHeight}`;
  if (known.get(head) === about) return;
  known.set(head, about);
  for (const spared of SPARED) {
    mark(head, 'data-spared', spared);
    if (place.scrollWidth <= place.clientWidth) return;
  }
}
