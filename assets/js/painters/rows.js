/** Rows: lists that change in place. A row that is still there stays the same element; text is written only when it differs. */

/** @typedef {(key: string, values?: Record<string, unknown>) => string} Say */

/** @param {Element} element @param {unknown} value */
export function write(element, value) {
  const text = value === null || value === undefined ? '' : String(value);
  if (element.textContent !== text) element.textContent = text;
}

/** @param {Element} element @param {string} name @param {unknown} value */
export function mark(element, name, value) {
  const text = value === null || value === undefined ? '' : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/** Said each second and oftener: the same word again would have the page styled again. @param {HTMLElement} element @param {boolean} hidden */
export function hide(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/** A new element with its class and children.
 * @param {string} tag @param {string} [className] @param {Element[]} [children] @returns {HTMLElement} */
export function make(tag, className = '', children = []) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** The parts of a skeleton, built once for an element and kept with it.
 * @template {Record<string, Element>} T
 * @param {HTMLElement} element @param {string} shape name of the skeleton; another one replaces it @param {() => T} build
 * @returns {T} */
export function skeleton(element, shape, build) {
  const kept = /** @type {{shape: string, parts: T} | undefined} */ (SKELETONS.get(element));
  if (kept && kept.shape === shape) return kept.parts;
  const parts = build();
  element.replaceChildren(...Object.values(parts).filter((part) => !part.parentNode));
  SKELETONS.set(element, { shape, parts });
  return parts;
}

/** @type {WeakMap<Element, {shape: string, parts: any}>} */
const SKELETONS = new WeakMap();

/** A sentence in the middle of a panel that has nothing to show.
 * @param {HTMLElement} element @param {string} text */
export function sentence(element, text) {
  const parts = skeleton(element, 'empty', () => ({ line: make('p', 'empty') }));
  write(parts.line, text);
}

/** @param {HTMLElement} element @param {string} title what is out of order, or nothing */
export function broken(element, title) {
  const panel = element.closest('.panel, .river');
  panel?.classList.toggle('broken', Boolean(title));
  if (panel) mark(panel, 'data-broken', title);
}

/** Where each row of a list goes: which elements stay, which are new, which go.
 * @param {string[]} before @param {string[]} after */
export function changes(before, after) {
  const kept = new Set(after);
  return { gone: before.filter((key) => !kept.has(key)), same: before.length === after.length && before.every((key, i) => key === after[i]) };
}

/** @template {{key: string}} T
 * @param {HTMLElement} parent @param {T[]} rows @param {() => HTMLElement} build @param {(element: HTMLElement, row: T) => void} fill */
export function keyed(parent, rows, build, fill) {
  const children = /** @type {HTMLElement[]} */ ([...parent.children]);
  const held = new Map(children.map((child) => [child.dataset.key ?? '', child]));
  const { gone, same } = changes([...held.keys()], rows.map((row) => row.key));
  for (const key of gone) held.get(key)?.remove();
  rows.forEach((row, place) => {
    const element = held.get(row.key) ?? build();
    mark(element, 'data-key', row.key);
    fill(element, row);
    if (!same && parent.children[place] !== element) parent.insertBefore(element, parent.children[place] ?? null);
  });
}

/** A row: mark of its band, name, place, value.
 * @returns {HTMLElement} */
export function row() {
  return make('div', 'row', [make('i', 'band'), make('span', 'row-name'), make('span', 'row-place'), make('span', 'row-value')]);
}

/** @param {HTMLElement} element @param {{band?: string, name: string, place?: string, age?: string}} values */
export function fillRow(element, values) {
  const [band, name, place, value] = element.children;
  mark(band, 'data-band', values.band ?? '');
  write(name, values.name);
  write(place, values.place ?? '');
  write(value, values.age ?? '');
}
