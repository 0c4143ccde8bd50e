/** Geo: the city's shapes and lists, fetched once a version. */

/** @typedef {{id: string, name: string, level: number, parent: number, lon: number, lat: number}} Area */
/** @typedef {{city_id: string, name: string, name_en: string, bounds: [number, number, number, number], zone: string, areas: Area[],
 *   classes: {code: string, name: string, name_en: string}[], cell_size: number, grid_count?: number, heat_half_life: number,
 *   settings: Record<string, number>}} CityFacts */
/** @typedef {{version: string, city: CityFacts, grid: number[], cameras: {lon: number[], lat: number[]}}} Geo */

/** Throws when the server does not answer well; whoever asked tries again.
 * @param {string} version @returns {Promise<Geo>} */
export async function fetchGeo(version) {
  const [city, workers, cameras] = await Promise.all(['city', 'workers', 'cameras'].map((name) => json(`/geo/${version}/${name}.json`)));
  return { version, city, grid: workers.grid, cameras };
}

/** @param {string} address @param {AbortSignal} [signal] @returns {Promise<any>} */
export async function json(address, signal) {
  const answer = await fetch(address, { signal });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}

/** @param {Geo} geo */
export function gridCount(geo) {
  return geo.city.grid_count ?? geo.grid.reduce((most, row) => Math.max(most, row + 1), 0);
}

/** West, south, east, north of an area's grids, as far as its children's centres tell. @param {CityFacts} city @param {number} row */
export function boundsOf(city, row) {
  if (row <= 0) return city.bounds;
  const inside = city.areas.filter((_, other) => within(city.areas, other, row));
  const lons = inside.map((area) => area.lon);
  const lats = inside.map((area) => area.lat);
  const pad = inside.length > 1 ? Math.max(0.01, (Math.max(...lons) - Math.min(...lons)) * 0.12) : 0.02;
  return /** @type {[number, number, number, number]} */ ([
    Math.min(...lons) - pad, Math.min(...lats) - pad, Math.max(...lons) + pad, Math.max(...lats) + pad,
  ]);
}

/** @param {Area[]} areas @param {number} row @param {number} above */
export function within(areas, row, above) {
  for (let at = row; at >= 0; at = areas[at].parent) if (at === above) return true;
  return false;
}
