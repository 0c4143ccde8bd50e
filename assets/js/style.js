/** Style: the still part of the map, drawn from our own shapes only; no glyphs, no sprite, no address outside. */

/** @typedef {import('maplibre-gl').StyleSpecification} Style */

/** @param {import('./theme.js').Theme} theme @param {string} version @param {number} unit pixels of one step of line width @returns {Style} */
export function style(theme, version, unit) {
  const file = (/** @type {string} */ name) => new URL(`/geo/${version}/${name}.geojson`, location.href).href;
  const source = (/** @type {string} */ name) => /** @type {const} */ ({ type: 'geojson', data: file(name), tolerance: 0.4, buffer: 16, maxzoom: 13 });
  return {
    version: 8,
    sources: { grids: source('grids'), areas: source('areas'), streets: source('streets') },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': theme.ground } },
      {
        id: 'grids',
        type: 'fill',
        source: 'grids',
        paint: {
          'fill-color': blues(theme.grids),
          'fill-antialias': false,
        },
      },
      line('grid-lines', 'grids', theme.gridLine, [0.2, 0.5, 1], unit, 8.5),
      ...[2, 1, 0].map((rank) => line(`streets-${rank}`, 'streets', theme.streets[rank], STREETS[rank], unit, [7, 8.5, 11][rank], ['==', ['get', 'rank'], rank])),
      line('communities', 'areas', theme.borderFine, [0.3, 0.7, 1.2], unit, 10.5, ['==', ['get', 'level'], 3]),
      line('street-areas', 'areas', theme.borderFine, [0.6, 1.2, 2], unit, 7.5, ['==', ['get', 'level'], 2]),
      line('districts', 'areas', theme.border, [1.2, 1.8, 3], unit, 0, ['==', ['get', 'level'], 1]),
    ],
  };
}

/** Step 0 to 4 of a grid's backlog as a colour. @param {string[]} colours @returns {any} */
function blues(colours) {
  return ['match', ['coalesce', ['feature-state', 'step'], 0], ...colours.slice(1).flatMap((colour, at) => [at + 1, colour]), colours[0]];
}

const STREETS = [[0.8, 1.6, 4], [0.5, 1.2, 3], [0.3, 0.8, 2]];

/** @param {string} id @param {string} source @param {string} colour @param {number[]} widths at zoom 8, 11, 15
 * @param {number} unit @param {number} minzoom @param {any} [filter] @returns {import('maplibre-gl').LineLayerSpecification} */
function line(id, source, colour, widths, unit, minzoom, filter) {
  const [far, middle, near] = widths.map((width) => width * unit);
  return {
    id,
    type: 'line',
    source,
    minzoom,
    ...(filter ? { filter } : {}),
    layout: { 'line-join': 'round', 'line-cap': 'round' },
    paint: { 'line-color': colour, 'line-width': ['interpolate', ['linear'], ['zoom'], 8, far, 11, middle, 15, near] },
  };
}
