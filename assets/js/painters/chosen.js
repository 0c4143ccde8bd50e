/** Chosen: what the API says of the worker, event or camera that was chosen on the map; or how to choose one. */

import { hide, keyed, make, mark, sentence, skeleton, write } from './rows.js';

/** @typedef {{key: string, name: string, value: string, band?: string}} Fact */
/** @typedef {{none?: string, keys?: string, kind?: string, feed?: string, title?: string, href?: string, facts?: Fact[]}} Payload */

/** Seconds after which what is told of a chosen thing is asked for again (attention.js): it may be that much older than its feed. */
const BEHIND = 20;

/** @param {HTMLElement} element @param {Payload} payload @param {import('./rows.js').Say} say */
export function paint(element, payload, say) {
  const panel = element.closest('.panel');
  panel?.toggleAttribute('data-chosen', Boolean(payload.title));
  if (!payload.title) return how(element, payload);
  // The corner is written by the head, for every panel of a feed; of nothing there is no age.
  if (panel) mark(panel, 'data-feed', payload.feed);
  const corner = panel?.querySelector('.panel-age');
  if (corner && !payload.feed) write(corner, '');
  if (panel) mark(panel, 'data-behind', BEHIND);
  const parts = skeleton(element, 'facts', facts);
  write(parts.title, payload.title);
  write(parts.door, '›');
  hide(parts.door, !payload.href);
  if (payload.href && parts.door.dataset.opens !== payload.href) open(parts.door, payload.href, say('chosen.open'));
  keyed(parts.rows, payload.facts ?? [], build, fill);
}

function facts() {
  const title = make('span');
  const door = make('a', 'door');
  mark(door, 'target', '_blank');
  return { title, door, line: make('p', 'chosen-title', [title, door]), rows: make('div', 'rows') };
}

/** Written once a case, as doors.js adds the wall's own light to it. @param {HTMLElement} door @param {string} href @param {string} name */
function open(door, href, name) {
  door.dataset.opens = href;
  mark(door, 'href', href);
  mark(door, 'title', name);
  mark(door, 'aria-label', name);
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
