/** Candidates: what can be chosen on the map now, with its place on the screen, and the hottest in order. */

import { band } from './events.js';
import { latitude } from './plane.js';
import { outside } from './reds.js';

/** @typedef {import('./choose.js').Choice} Choice */
/** @typedef {import('./wall.js').Wall} Wall */

const HOTTEST = 24;
const WORSE = { due: 0, soon: 1, overdue: 2, long_open: 3 };

/** Everything drawn, as points of the screen. @param {Wall} wall @returns {Generator<{x: number, y: number, what: Choice}>} */
export function* candidates(wall) {
  const { views } = wall;
  if (views.on.has('events')) yield* placed(wall, events(wall));
  if (views.on.has('cameras')) yield* placed(wall, cameras(wall));
  if (views.on.has('workers')) yield* placed(wall, workers(wall));
}

/** @param {Wall} wall @param {Iterable<Choice>} choices */
function* placed(wall, choices) {
  const map = /** @type {import('maplibre-gl').Map} */ (wall.map);
  const bounds = map.getBounds();
  const [west, east, south, north] = [bounds.getWest(), bounds.getEast(), bounds.getSouth(), bounds.getNorth()];
  for (const what of choices) {
    if (what.lon < west || what.lon > east || what.lat < south || what.lat > north) continue;
    yield { ...map.project([what.lon, what.lat]), what };
  }
}

/** @param {Wall} wall @returns {Generator<Choice>} */
function* events(wall) {
  for (const event of wall.events?.open.values() ?? []) {
    if (event.placed) yield { kind: 'event', row: event.key, ...event };
  }
}

/** @param {Wall} wall @returns {Generator<Choice>} */
function* cameras(wall) {
  const { lon = [], lat = [] } = wall.cameras ?? {};
  for (let row = 0; row < lon.length; row++) yield { kind: 'camera', row, lon: lon[row], lat: lat[row] };
}

/** @param {Wall} wall @returns {Generator<Choice>} */
function* workers(wall) {
  const { crowd } = wall;
  if (!crowd) return;
  const page = performance.now() / 1000;
  for (let row = 0; row < crowd.count; row++) if (crowd.at[row]) yield worker(crowd, row, page);
}

/** @param {import('./crowd.js').Crowd} crowd @param {number} row @param {number} page seconds @returns {Choice} */
function worker(crowd, row, page) {
  const [x, y] = crowd.seen(row, page);
  return { kind: 'worker', row, lon: x + crowd.origin[0], lat: latitude(y + crowd.origin[1]) };
}

/** What the keys walk through: what the view is about. @param {Wall} wall @returns {Choice[]} */
export function inTurn(wall) {
  return wall.views.view === 'patrol' ? strays(wall) : hottest(wall);
}

/** Who is out of grid, as the map's red signs have them: first those that the panel names, in its order, the longest first.
 * @param {Wall} wall @returns {Choice[]} */
export function strays(wall) {
  const { crowd } = wall;
  if (!crowd) return [];
  const page = performance.now();
  const out = new Set(outside(crowd, wall.clock.seconds(page), wall.geo?.city.settings.ageing_seconds ?? Infinity));
  /** @type {number[]} */
  const named = (wall.parts.last.out_of_grid?.rows ?? []).map((/** @type {{key: string}} */ row) => Number(row.key));
  const order = new Set([...named.filter((row) => out.has(row)), ...out]);
  return [...order].slice(0, HOTTEST).map((row) => worker(crowd, row, page / 1000));
}

/** The worst open events first: the longest past due. @param {Wall} wall @returns {Choice[]} */
export function hottest(wall) {
  const limits = /** @type {any} */ (wall.geo?.city.settings ?? {});
  const now = wall.clock.seconds(performance.now());
  return [...events(wall)]
    .map((choice) => ({ choice, worse: WORSE[band(/** @type {any} */ (choice), now, limits)], since: /** @type {any} */ (choice).reported }))
    .sort((a, b) => b.worse - a.worse || a.since - b.since)
    .slice(0, HOTTEST)
    .map(({ choice }) => choice);
}
