/** Workers by the age of their position: how many of how many, and five counts with their shapes. */

import { keyed, make, sentence, skeleton, write } from './rows.js';

/** @typedef {{key: string, name: string, value: string}} Row */

/** @param {HTMLElement} element @param {{empty?: string, number: string, of: string, percent: string, note: string, rows: Row[]}} payload */
export function paint(element, payload) {
  if (payload.empty) return sentence(element, payload.empty);
  const parts = skeleton(element, 'workers', build);
  write(parts.number, payload.number);
  write(parts.share, `/ ${payload.of} · ${payload.percent}`);
  write(parts.note, payload.note);
  keyed(parts.fives, payload.rows, five, fillFive);
}

function build() {
  const number = make('span', 'number');
  const share = make('span');
  const note = make('span', 'aside-word');
  return { number, share, note, line: make('div', 'figure-line', [number, make('span', 'made-of', [share, note])]), fives: make('div', 'fives') };
}

function five() {
  return make('span', 'five', [make('span', 'five-value'), make('span', 'five-name', [make('i'), make('span')])]);
}

/** @param {HTMLElement} element @param {Row} values */
function fillFive(element, values) {
  const [value, name] = element.children;
  write(value, values.value);
  name.children[0].className = `mark mark-worker-${values.key}`;
  write(name.children[1], values.name);
}
