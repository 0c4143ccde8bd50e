/** The hottest places, each with a bar of its heat. */

import { keyed, make, sentence, skeleton, write } from './rows.js';

/** @typedef {{key: string, name: string, value: string, share: number}} Row */

/** @param {HTMLElement} element @param {{empty?: string, note?: string, rows?: Row[]}} payload */
export function paint(element, payload) {
  if (!payload.rows) return sentence(element, payload.empty ?? '');
  const parts = skeleton(element, 'rows', () => ({ rows: make('div', 'rows rows-meter'), note: make('p', 'heading') }));
  keyed(parts.rows, payload.rows, build, fill);
  write(parts.note, payload.note);
}

function build() {
  const line = make('div', 'row', [make('span', 'row-name'), make('span', 'row-value')]);
  return make('div', 'metered', [line, make('div', 'meter', [make('i', 'meter-filled meter-heat')])]);
}

/** @param {HTMLElement} element @param {Row} values */
function fill(element, values) {
  const [line, meter] = element.children;
  write(line.children[0], values.name);
  write(line.children[1], values.value);
  /** @type {HTMLElement} */ (meter.children[0]).style.width = `${100 * values.share}%`;
}
