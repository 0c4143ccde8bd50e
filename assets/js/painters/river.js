/** River: the six steps drawn as one stream along the foot of the wall. Nodes stay; only their numbers change. */

import { backLine, fitting, reaches, textWidth } from './river_shape.js';
import { mark, write } from './rows.js';

/** @typedef {import('./river_shape.js').Step} Step */
/** @typedef {import('./river_shape.js').Reach} Reach */
/** @typedef {{group: SVGElement, name: Element, open: Element, bed: Element, bands: Element[], median: Element, passed: Element, arrow: Element, line: Element, back: Element, standing: Element}} Nodes */
/** @typedef {{svg: SVGElement, nodes: Nodes[], steps: Step[], width: number, height: number, unit: number}} Drawn unit: pixels of 1 % of the height */

const SVG = 'http://www.w3.org/2000/svg';
const BANDS = ['due', 'soon', 'overdue', 'long_open'];
/** @type {WeakMap<Element, Drawn>} */
const DRAWN = new WeakMap();

/** @param {HTMLElement} element @param {{steps: Step[]}} payload */
export function paint(element, payload) {
  const drawn = DRAWN.get(element) ?? begin(element, payload.steps.length);
  drawn.steps = payload.steps;
  lay(drawn);
}

/** @param {HTMLElement} element @param {number} count @returns {Drawn} */
function begin(element, count) {
  const svg = node('svg', '');
  svg.append(patterns());
  const nodes = Array.from({ length: count }, () => step(svg));
  element.replaceChildren(svg);
  const drawn = { svg, nodes, steps: /** @type {Step[]} */ ([]), width: 0, height: 0, unit: 0 };
  DRAWN.set(element, drawn);
  new ResizeObserver(() => measure(element, drawn)).observe(element);
  return drawn;
}

/** Only where its size has changed: whoever asks for it among other writing has the whole page laid out for the answer.
 * @param {HTMLElement} element @param {Drawn} drawn */
function measure(element, drawn) {
  drawn.width = element.clientWidth;
  drawn.height = element.clientHeight;
  drawn.unit = parseFloat(getComputedStyle(element).fontSize) / 2.4;
  lay(drawn);
}

/** @param {SVGElement} svg @returns {Nodes} */
function step(svg) {
  const group = node('a', 'river-reach');
  const bands = BANDS.flatMap((band) => [node('rect', `band-${band}`)]);
  const nodes = {
    group, name: node('text', 'river-step'), open: node('text', 'river-open'), bed: node('rect', 'river-bed'), bands,
    median: node('text', 'river-note'), passed: node('text', 'river-note river-note-end'), arrow: node('path', 'river-arrow'),
    line: node('path', 'river-return'), back: node('text', 'river-back'), standing: node('text', 'river-note'),
  };
  group.append(nodes.name, nodes.open, nodes.bed, ...bands, nodes.median, nodes.passed, nodes.arrow, nodes.line, nodes.back, nodes.standing);
  bands.forEach((band, place) => place > 1 && band.setAttribute('mask', `url(#river-${BANDS[place]})`));
  svg.append(group);
  return nodes;
}

/** Hatching for the two bands that are late: shape as well as hue. */
function patterns() {
  const defs = node('defs', '');
  for (const [band, path] of [['overdue', 'M0 8 L8 0 M-2 2 L2 -2 M6 10 L10 6'], ['long_open', 'M0 8 L8 0 M0 0 L8 8']]) {
    const pattern = node('pattern', '');
    set(pattern, { id: `river-hatch-${band}`, width: 8, height: 8, patternUnits: 'userSpaceOnUse' });
    const ground = node('rect', '');
    set(ground, { width: 8, height: 8, fill: '#fff' });
    const lines = node('path', '');
    set(lines, { d: path, stroke: '#555', 'stroke-width': 1.6 });
    pattern.append(ground, lines);
    const mask = node('mask', '');
    set(mask, { id: `river-${band}`, x: 0, y: 0, width: '100%', height: '100%', maskUnits: 'userSpaceOnUse' });
    const cover = node('rect', '');
    set(cover, { width: '100%', height: '100%', fill: `url(#river-hatch-${band})` });
    mask.append(cover);
    defs.append(pattern, mask);
  }
  return defs;
}

/** @param {Drawn} drawn */
function lay({ svg, nodes, steps, width, height, unit }) {
  if (!width || !steps.length) return;
  mark(svg, 'viewBox', `0 0 ${width} ${height}`);
  const side = 1.6 * unit;
  const found = reaches(steps, width - 2 * side, 3.2 * unit).map((reach) => shifted(reach, side));
  for (const pattern of svg.querySelectorAll('pattern')) mark(pattern, 'patternTransform', `scale(${(unit / 10).toFixed(3)})`);
  steps.forEach((values, place) => reach(nodes[place], values, steps[place + 1], found, place, unit, height));
}

/** @param {Nodes} nodes @param {Step} values @param {Step | undefined} next @param {Reach[]} found @param {number} place @param {number} unit @param {number} height */
function reach(nodes, values, next, found, place, unit, height) {
  const { x, width, bands } = found[place];
  const [top, thick] = [height * 0.565, height * 0.18];
  link(nodes.group, values.door);
  put(nodes.name, values.name, x, height * 0.26);
  put(nodes.open, values.number, x + width, height * 0.29);
  set(nodes.bed, { x, y: top, width, height: thick, rx: 0.3 * unit });
  bands.forEach((band, i) => set(nodes.bands[i], { x: band.x, y: top, width: band.width, height: thick }));
  // Where both have no room with their words, the numbers stand alone; their neighbours say what they are.
  const tight = (textWidth(values.median) + textWidth(values.passed) + 1.2) * 1.75 * unit > width;
  put(nodes.median, tight ? values.age : values.median, x, height * 0.925);
  put(nodes.passed, tight ? values.rate : values.passed, x + width, height * 0.925);
  // Small, between the name and the water, beside the line that runs back.
  const shift = place > 0 && values.returned > 0 ? 2.1 : 0;
  const taken = shift + (next?.returned ? 3 + textWidth(next.back) * 1.75 : 0);
  put(nodes.standing, fitting(values.standing, (width / unit - taken) / 1.75), x + shift * unit, height * 0.485);
  arrow(nodes.arrow, found, place, unit, top + thick / 2);
  back(nodes, values, found, place, unit, top);
}

/** The cases in the step are behind it. @param {Element} group @param {string} door */
function link(group, door) {
  if (!door) return group.removeAttribute('href');
  mark(group, 'href', door);
  mark(group, 'target', '_blank');
}

/** The stream runs on to the next step. @param {Element} path @param {Reach[]} found @param {number} place @param {number} unit @param {number} y */
function arrow(path, found, place, unit, y) {
  if (place + 1 >= found.length) return mark(path, 'd', '');
  const x = found[place].x + found[place].width + 1.15 * unit;
  const [w, h] = [0.9 * unit, 0.9 * unit];
  mark(path, 'd', `M${x} ${y - h} L${x + w} ${y} L${x} ${y + h}`);
}

/** @param {Nodes} nodes @param {Step} values @param {Reach[]} found @param {number} place @param {number} unit @param {number} y */
function back(nodes, values, found, place, unit, y) {
  const shown = place > 0 && values.returned > 0;
  mark(nodes.line, 'd', shown ? backLine(found[place], found[place - 1], y - 0.25 * unit, 1.9 * unit) : '');
  put(nodes.back, shown ? values.back : '', found[place].x - 4.4 * unit - 0.8 * unit, y - 0.45 * unit);
}

/** @param {Reach} reach @param {number} by @returns {Reach} */
function shifted(reach, by) {
  return { ...reach, x: reach.x + by, bands: reach.bands.map((band) => ({ ...band, x: band.x + by })) };
}

/** @param {Element} text @param {string} value @param {number} x @param {number} y */
function put(text, value, x, y) {
  write(text, value);
  set(text, { x, y });
}

/** @param {Element} element @param {Record<string, string | number>} values */
function set(element, values) {
  for (const [name, value] of Object.entries(values)) mark(element, name, typeof value === 'number' ? Math.round(value * 10) / 10 : value);
}

/** @param {string} tag @param {string} className @returns {SVGElement} */
function node(tag, className) {
  const element = /** @type {SVGElement} */ (document.createElementNS(SVG, tag));
  if (className) element.setAttribute('class', className);
  return element;
}
