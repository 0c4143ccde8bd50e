/** The painters: one for each panel that is not a Plotly figure. A name is a file. */

import { paint as beside } from './beside.js';
import { paint as cameras } from './cameras.js';
import { paint as chosen } from './chosen.js';
import { paint as emptyGrids } from './empty_grids.js';
import { paint as head } from './head.js';
import { paint as hottest } from './hottest.js';
import { paint as latest } from './latest.js';
import { paint as outOfGrid } from './out_of_grid.js';
import { paint as river } from './river.js';
import { paint as unvisited } from './unvisited.js';
import { paint as workers } from './workers.js';

export { facts } from './chosen_facts.js';
export { prepareFigure, scaled } from './figure.js';
export { setClock } from './head.js';

/** @typedef {(element: HTMLElement, payload: any, say: import('./rows.js').Say) => void} Paint */

/** @type {Record<string, Paint>} */
export const PAINTERS = {
  head, beside, latest, hottest, chosen, cameras, workers, unvisited, river, out_of_grid: outOfGrid, empty_grids: emptyGrids,
};
