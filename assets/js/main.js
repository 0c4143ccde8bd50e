/** Main: what the Dash component calls: a wall goes up in an element, and comes down with its page. */

import './map.css';
import { Wall } from './wall.js';

/** @typedef {import('./wall.js').Options} Options */

/** @param {HTMLElement} host @param {Partial<Options>} given @param {(props: Record<string, any>) => void} tell
 * @returns {{change: (options: Partial<Options>) => void, remove: () => void}} */
export function mount(host, given, tell) {
  styles();
  const wall = new Wall(host, options(given, new URLSearchParams(location.search)), tell);
  /** @type {any} */ (window).gridhall = { wall, get state() { return state(wall); } };
  return { change: (next) => next.view && wall.show(next.view), remove: () => wall.close() };
}

/** What the page says wins over its address. @param {Partial<Options>} given @param {URLSearchParams} address @returns {Options} */
export function options(given, address) {
  const read = (/** @type {'area' | 'view' | 'lang' | 'theme'} */ name, /** @type {string} */ otherwise) => given[name] || address.get(name) || otherwise;
  return {
    area: read('area', ''),
    view: read('view', 'overview'),
    lang: read('lang', 'zh'),
    theme: read('theme', 'dark'),
    alone: given.alone ?? address.get('alone') === '1',
    tour: given.tour ?? ['1', 'true', 'yes'].includes(address.get('tour') ?? ''),
  };
}

/** Numbers for tests and for whoever looks under the bonnet. @param {Wall} wall */
function state(wall) {
  const heap = /** @type {any} */ (performance).memory?.usedJSHeapSize ?? 0;
  const { live, sequence, crowd, events, picture, heal } = wall;
  return {
    frames: live.frames, bytes: live.bytes, joins: live.joins, gaps: sequence.gaps, dropped: wall.dropped, reconnects: heal.reconnects,
    updates: wall.updates, apply_ms: wall.spent, drawn: picture?.ink.drawn ?? 0, draw_ms: picture?.ink.spent ?? 0,
    workers: crowd ? crowd.at.reduce((sum, at) => sum + (at ? 1 : 0), 0) : 0, events: events?.open.size ?? 0,
    tier: picture?.ink.tier.name ?? '', view: wall.views.view, hall: wall.clock.at(performance.now()), heap, broken: wall.parts.broken,
    contexts_lost: picture?.ink.lost ?? 0, ready: Boolean(wall.map?.loaded()),
  };
}

function styles() {
  const href = new URL('wall.css', import.meta.url).href;
  if ([...document.styleSheets].some((sheet) => sheet.href === href)) return;
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = href;
  document.head.append(link);
}
