/** Chosen: what the API says of the worker, event or camera that was chosen on the map; or how to choose one. */

import { keyed, make, sentence, skeleton, write } from './rows.js';

/** @typedef {{key: string, name: string, value: string, band?: string}} Fact */
/** @typedef {{none?: string, keys?: string, kind?: string, title?: string, facts?: Fact[]}} Payload */

/** @param {HTMLElement} element @param {Payload} payload */
export function paint(element, payload) {
  element.closest('.panel')?.toggleAttribute('data-chosen', Boolean(payload.title));
  if (!payload.title) return how(element, payload);
  const parts = skeleton(element, 'facts', () => ({ title: make('p', 'chosen-title'), rows: make('div', 'rows') }));
  write(parts.title, payload.title);
  keyed(parts.rows, payload.facts ?? [], build, fill);
}

/** @param {HTMLElement} element @param {Payload} payload */
function how(element, payload) {
  if (!payload.none) return sentence(element, '');
  const parts = skeleton(element, 'how', () => {
    const line = make('span');
    const keys = make('small');
    return { line, keys, all: make('p', 'chosen-how', [line, keys]) };
  });
  write(parts.line, payload.none);
  write(parts.keys, payload.keys);
}

function build() {
  return make('div', 'row', [make('i', 'band'), make('span', 'row-place fact-name'), make('span', 'row-value fact-value')]);
}

/** @param {HTMLElement} element @param {Fact} fact */
function fill(element, fact) {
  const [band, name, value] = /** @type {HTMLElement[]} */ ([...element.children]);
  band.hidden = !fact.band;
  band.dataset.band = fact.band ?? '';
  write(name, fact.name);
  write(value, fact.value);
}
