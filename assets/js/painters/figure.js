/** Figure: makes a Plotly figure fit the screen it stands on. Python gives every size in percent of the wall's height. */

import { differs, look } from './look.js';
import { write } from './notes.js';

/** Names of what is a size, in whatever part of a figure. */
const SIZES = new Set(['size', 'l', 'r', 't', 'b', 'pad', 'gridwidth', 'linewidth', 'zerolinewidth', 'ticklen', 'tickwidth', 'xshift', 'yshift', 'borderpad', 'borderwidth', 'standoff']);
/** A width is a size only within these. */
const LINES = new Set(['line']);

/** The dark colours that figures are made with, and the variable that holds the theme's own. */
const ROLES = ['ground', 'panel', 'line', 'track', 'text', 'secondary', 'accent', 'due', 'soon', 'overdue', 'long_open', 'backlog_high'];

/** All sizes of a figure times the unit. The figure that is handed in is not touched.
 * @template T @param {T} figure @param {number} unit pixels of 1 % of the height @returns {T} */
export function scaled(figure, unit) {
  return /** @type {T} */ (walk(figure, unit, ''));
}

/** @param {any} value @param {number} unit @param {string} inside @returns {any} */
function walk(value, unit, inside) {
  if (Array.isArray(value)) return value.map((item) => walk(item, unit, inside));
  if (!value || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, size(key, inside) && typeof item === 'number' ? item * unit : walk(item, unit, key)]));
}

/** @param {string} key @param {string} inside */
function size(key, inside) {
  return SIZES.has(key) || (key === 'width' && LINES.has(inside));
}

/** Every dark colour of a figure in the theme's own; also where it is let through (rgba).
 * @template T @param {T} figure @param {Record<string, string>} table dark '#rrggbb' → colour of the theme @returns {T} */
export function recoloured(figure, table) {
  return JSON.parse(JSON.stringify(figure), (_key, value) => (typeof value === 'string' ? swap(value, table) : value));
}

/** @param {string} value @param {Record<string, string>} table */
function swap(value, table) {
  const through = value.match(/^rgba\((\d+),(\d+),(\d+),([\d.]+)\)$/);
  if (!through) return table[value.toLowerCase()] ?? value;
  const [red, green, blue] = through.slice(1, 4).map(Number);
  const found = table[hex(red, green, blue)];
  return found ? `${found}${Math.round(Number(through[4]) * 255).toString(16).padStart(2, '0')}` : value;
}

/** @param {number[]} parts */
function hex(...parts) {
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/** What a page does with a figure before it is drawn. height: of the picture in pixels, for a page without a wall.
 * @template {{layout?: any}} T @param {T} figure @param {number} [height] @returns {T} */
export function prepareFigure(figure, height = window.innerHeight) {
  const root = document.querySelector('.page');
  const style = root ? getComputedStyle(root) : null;
  const fitted = scaled(figure, unitOf(style, height));
  fitted.layout = { ...fitted.layout, font: { ...fitted.layout?.font, family: style?.getPropertyValue('--face').trim() || 'sans-serif' } };
  return style && lit(root) ? recoloured(fitted, table(style)) : fitted;
}

/** @param {CSSStyleDeclaration | null} style of the page @param {number} [height] */
function unitOf(style, height = window.innerHeight) {
  return style ? parseFloat(style.fontSize) / 2.4 : height / 100;
}

/** Milliseconds between two drawings of a figure, and until a difference that nobody sees from afar is drawn all the same. */
const APART = 3000;
const CATCH_UP = 10_000;
/** A window that is being drawn larger settles first. */
const SETTLED = 200;

/** element: its place when it was drawn, which Dash replaces when Plotly has come; unit: pixels of 1 % of the height then;
 * figure: the last that was handed in.
 * @typedef {{element: HTMLElement, look: import('./look.js').Look, at: number, timer: any, unit: number, figure: any}} Drawn */
/** By the id of the place. @type {Map<string, Drawn>} */
const DRAWN = new Map();
/** @type {any} */
let settling;

/** Numbers are written at once; the figure under them is drawn when it would look different.
 * @param {HTMLElement} element @param {{figure: any}} payload */
export function paint(element, payload) {
  const { annotations = [], ...layout } = payload.figure.layout ?? {};
  const figure = { ...payload.figure, layout };
  const root = document.querySelector('.page');
  const swapped = root && lit(root) ? table(getComputedStyle(root)) : {};
  const notes = document.getElementById(element.id.replace('part-', 'notes-'));
  if (notes) write(notes, annotations, layout, (colour) => swapped[colour] ?? colour);
  const now = look(figure);
  const before = DRAWN.get(element.id);
  clearTimeout(before?.timer);
  if (before?.element !== element) return void draw(element, figure, now);
  before.figure = figure;
  const wait = before.at + (differs(before.look, now) ? APART : CATCH_UP) - performance.now();
  if (differs(before.look, now, 1e-4)) before.timer = wait > 0 ? setTimeout(draw, wait, element, figure, now) : draw(element, figure, now);
}

/** @param {HTMLElement} element @param {any} figure @param {import('./look.js').Look} now */
function draw(element, figure, now) {
  if (!DRAWN.size) addEventListener('resize', settle);
  DRAWN.set(element.id, { element, look: now, at: performance.now(), timer: 0, unit: unit(), figure });
  /** @type {any} */ (window).dash_clientside.set_props(element.id, { figure: prepareFigure(figure) });
  return 0;
}

function unit() {
  const root = document.querySelector('.page');
  return unitOf(root && getComputedStyle(root));
}

function settle() {
  clearTimeout(settling);
  settling = setTimeout(refit, SETTLED);
}

/** Plotly follows its box; letters, lines and margins are pixels, which follow the height only when drawn anew. */
function refit() {
  for (const [id, drawn] of DRAWN) {
    const element = document.getElementById(id);
    if (!element) DRAWN.delete(id);
    else if (drawn.unit !== unit()) {
      clearTimeout(drawn.timer);
      draw(element, drawn.figure, look(drawn.figure));
    }
  }
}

/** @param {Element | null} root */
function lit(root) {
  return root?.getAttribute('data-theme') === 'light';
}

/** @param {CSSStyleDeclaration} style */
function table(style) {
  return Object.fromEntries(ROLES.map((role) => [DARK[role], style.getPropertyValue(`--${role}`).trim().toLowerCase()]));
}

/** @type {Record<string, string>} */
const DARK = {
  ground: '#070b14', panel: '#0e1626', line: '#24324a', track: '#1b2740', text: '#e8eef7', secondary: '#9fb0c8', accent: '#2dd4bf',
  due: '#3b82f6', soon: '#facc15', overdue: '#f97316', long_open: '#ef4444', backlog_high: '#2f6db5',
};
