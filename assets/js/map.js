/** Map: the still picture in the middle of everything, with room for the panels that lie over it. */

import { Map as MapLibre, setWorkerUrl } from 'maplibre-gl';
import { pixelRatio } from './quality.js';
import { style } from './style.js';

const SIDES = /** @type {const} */ (['top', 'right', 'bottom', 'left']);
/** What lies over the map at each side, as layouts/wall.py names it. */
const PANELS = /** @type {const} */ ({ top: '.head', right: '.side-right', bottom: '.legends', left: '.side-left' });
/** Shares of the screen to keep free where no panel is. */
const SHARES = { top: 0.07, right: 0.21, bottom: 0.13, left: 0.21 };

/** @typedef {Record<typeof SIDES[number], number>} Padding */

/** @param {HTMLElement} element @param {import('./theme.js').Theme} theme @param {string} version
 * @param {[number, number, number, number]} bounds @param {import('./quality.js').Tier} tier */
export function createMap(element, theme, version, bounds, tier) {
  setWorkerUrl(new URL('maplibre-worker.mjs', import.meta.url).href);
  const { clientWidth: width, clientHeight: height } = element;
  const still = style(theme, version, Math.max(1, height / 1080));
  const map = new MapLibre({
    container: element,
    style: still,
    bounds,
    fitBoundsOptions: { padding: padding(element) },
    attributionControl: false,
    fadeDuration: 1, // at 0 it lays out the names that it has not anew with each picture
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxPitch: 0,
    renderWorldCopies: false,
    maxZoom: 17.5,
    maxCanvasSize: [8192, 8192],
    pixelRatio: pixelRatio(tier, width, height, devicePixelRatio),
    refreshExpiredTiles: false,
    cancelPendingTileRequestsWhileZooming: false,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disable(); // the keys choose things; see choose.js
  map.on('sourcedata', ({ sourceId }) => forgetShapes(map, still, sourceId));
  return map;
}

/** MapLibre keeps a copy of every ring it has read from an address, for whoever asks for it: half of what this page would
 * hold, looked through by each collection of garbage. Nobody asks; where it came from is enough to read it again.
 * @param {MapLibre} map @param {import('./style.js').Style} still @param {string} name of a source */
function forgetShapes(map, still, name) {
  const source = /** @type {any} */ (map.getSource(name));
  const wanted = still.sources[name];
  if (source?._data?.geojson && wanted?.type === 'geojson') source._data = { url: wanted.data };
}

/** How much of each side is hidden by panels. @param {HTMLElement} element @returns {Padding} */
export function padding(element) {
  const frame = element.getBoundingClientRect();
  const gap = Math.min(frame.width, frame.height) * 0.02;
  const sides = SIDES.map((side) => {
    const length = side === 'left' || side === 'right' ? frame.width : frame.height;
    const panel = document.querySelector(PANELS[side]);
    if (!panel && document.querySelector('[data-alone="true"]')) return [side, gap];
    const hidden = panel ? covered(side, panel.getBoundingClientRect(), frame) : SHARES[side] * length;
    return [side, Math.min(hidden + gap, length * 0.42)];
  });
  return Object.fromEntries(sides);
}

/** @param {typeof SIDES[number]} side @param {DOMRect} box @param {DOMRect} frame */
function covered(side, box, frame) {
  const reach = { top: box.bottom - frame.top, bottom: frame.bottom - box.top, left: box.right - frame.left, right: frame.right - box.left };
  return Math.max(0, reach[side]);
}
