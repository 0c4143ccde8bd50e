/** Theme: the colours of the map. The same four age bands and the same shapes everywhere. */

/** @typedef {typeof DARK} Theme */

export const DARK = {
  ground: '#070B14',
  land: '#0A1120',
  text: '#E8EEF7',
  secondary: '#9FB0C8',
  halo: '#04070E',
  accent: '#2DD4BF',
  border: '#6C86AE',
  borderFine: '#2A3B58',
  gridLine: '#1D3352',
  streets: ['#33486B', '#263856', '#1C2A43'],
  grids: ['#0A1426', '#113056', '#194679', '#235A99', '#2F6DB5'],
  heat: ['#2B1B5A', '#8C2981', '#F1605D', '#FCFDBF'],
  due: '#3B82F6',
  soon: '#FACC15',
  overdue: '#F97316',
  long_open: '#EF4444',
  fresh: '#2DD4BF',
  ageing: '#F5A524',
  old: '#9AA8BD',
  lost: '#76859C',
  red: '#FF4D4F',
  camera: '#A78BFA',
};

/** @type {Theme} */
export const LIGHT = {
  ...DARK,
  ground: '#E9EEF5',
  land: '#F6F8FB',
  text: '#0E1626',
  secondary: '#41516B',
  halo: '#FFFFFF',
  accent: '#0F766E',
  border: '#5B6F8E',
  borderFine: '#B5C2D4',
  gridLine: '#CFD9E6',
  streets: ['#B4C0D2', '#C4CEDD', '#D5DDE8'],
  grids: ['#F2F6FB', '#E3EDF8', '#B9D2EE', '#85B0DF', '#2F6DB5'],
  heat: ['#F6E3C5', '#F1A07A', '#C93A5B', '#5B1A63'],
  due: '#2463C9',
  soon: '#A87900',
  overdue: '#C2500B',
  long_open: '#C81E1E',
  fresh: '#0D8F80',
  ageing: '#B45309',
  old: '#5B6778',
  lost: '#5B6778',
  red: '#C81E1E',
  camera: '#6D28D9',
};

/** @param {string} name */
export function theme(name) {
  return name === 'light' ? LIGHT : DARK;
}

/** @type {Map<string, [number, number, number]>} few colours, asked for once a camera and event */
const known = new Map();

/** '#RRGGBB' as three numbers of 0 to 1. @param {string} hex @returns {[number, number, number]} */
export function rgb(hex) {
  const found = known.get(hex);
  if (found) return found;
  const value = parseInt(hex.slice(1), 16);
  /** @type {[number, number, number]} */
  const colour = [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
  known.set(hex, colour);
  return colour;
}

/** Colour at 0..1 of a ramp. @param {string[]} stops @param {number} value @returns {[number, number, number]} */
export function ramp(stops, value) {
  const at = Math.min(0.99999, Math.max(0, value)) * (stops.length - 1);
  const from = rgb(stops[Math.floor(at)]);
  const to = rgb(stops[Math.floor(at) + 1]);
  const k = at - Math.floor(at);
  return [from[0] + (to[0] - from[0]) * k, from[1] + (to[1] - from[1]) * k, from[2] + (to[2] - from[2]) * k];
}
