/** Cameras: the online rate against its target, what is down as a whole, and the worst owners. */

import { keyed, make, mark, sentence, skeleton, write } from './rows.js';

/** @typedef {{key: string, name: string, percent: string, share: string, below: boolean}} Owner */
/** @typedef {{key: string, name: string, count: string, age: string}} Outage */
/** @typedef {{empty?: string, percent: string, share: string, target: string, below: boolean, filled: number, mark: number,
 *   outages: Outage[], heading: string, owners: Owner[]}} Payload */

/** @param {HTMLElement} element @param {Payload} payload */
export function paint(element, payload) {
  if (payload.empty) return sentence(element, payload.empty);
  const parts = skeleton(element, 'cameras', build);
  write(parts.percent, payload.percent);
  mark(parts.percent, 'data-below', payload.below);
  write(parts.share, payload.share);
  write(parts.target, payload.target);
  parts.filled.style.width = `${100 * payload.filled}%`;
  parts.at.style.left = `${100 * payload.mark}%`;
  keyed(parts.outages, payload.outages, outage, fillOutage);
  write(parts.heading, payload.heading);
  keyed(parts.owners, payload.owners, owner, fillOwner);
}

function build() {
  const percent = make('span', 'number');
  const share = make('span');
  const target = make('span', 'aside-word');
  const filled = make('i', 'meter-filled');
  const at = make('i', 'meter-mark');
  return {
    percent, share, target, filled, at,
    line: make('div', 'figure-line', [percent, make('span', 'made-of', [share, target])]),
    meter: make('div', 'meter', [filled, at]),
    outages: make('div', 'outages'),
    heading: make('h3', 'heading'),
    owners: make('div', 'rows'),
  };
}

function outage() {
  return make('div', 'row outage', [make('span', 'row-mark'), make('span', 'row-name'), make('span', 'row-value'), make('span', 'row-extra')]);
}

/** @param {HTMLElement} element @param {Outage} values */
function fillOutage(element, values) {
  ['✕', values.name, values.count, values.age].forEach((text, place) => write(element.children[place], text));
}

function owner() {
  return make('div', 'row', [make('span', 'row-name'), make('span', 'row-value'), make('span', 'row-extra')]);
}

/** @param {HTMLElement} element @param {Owner} values */
function fillOwner(element, values) {
  [values.name, values.percent, values.share].forEach((text, place) => write(element.children[place], text));
  element.children[1].className = values.below ? 'row-value below' : 'row-value';
}
