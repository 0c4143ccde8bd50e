/** The painters: one for each panel that is not a Plotly figure. A name is a file. */

import { paint as beside } from './beside.js';
import { paint as cameras } from './cameras.js';
import { paint as chosen } from './chosen.js';
import { paint as emptyGrids } from './empty_grids.js';
import { paint as figure } from './figure.js';
import { paint as head } from './head.js';
import { paint as hottest } from './hottest.js';
import { paint as latest } from './latest.js';
import { paint as outOfGrid } from './out_of_grid.js';
import { paint as river } from './river.js';
import { paint as unvisited } from './unvisited.js';
import { broken } from './rows.js';
import { paint as workers } from './workers.js';

export { facts } from './chosen_facts.js';
export { prepareFigure, scaled } from './figure.js';
export { setClock, tick } from './head.js';

/** @typedef {(element: HTMLElement, payload: any, say: import('./rows.js').Say) => void} Paint */

/** @type {Record<string, Paint>} */
const HANDS = {
  head, beside, latest, hottest, chosen, cameras, workers, unvisited, river, out_of_grid: outOfGrid, empty_grids: emptyGrids,
  backlog_levels: figure, classes: figure, trend: figure, minutes: figure,
};

/** A panel that broke in the house goes grey with its name; its last picture stays, dimmed, under it. @param {Paint} paint @returns {Paint} */
const careful = (paint) => (element, payload, say) => {
  broken(element, payload.broken ? payload.title : '');
  if (!payload.broken) paint(element, payload, say);
};

export const PAINTERS = Object.fromEntries(Object.entries(HANDS).map(([name, paint]) => [name, careful(paint)]));
