/** Views: one subject at a time; which layers each shows, and the switches for them. */

/** @typedef {'grids' | 'heat' | 'workers' | 'events' | 'cameras' | 'tracks' | 'unvisited'} LayerName */

/** @type {LayerName[]} */
export const LAYERS = ['grids', 'heat', 'workers', 'events', 'cameras', 'tracks', 'unvisited'];

/** @type {Record<string, {layers: LayerName[], grids: number}>} */
export const VIEWS = {
  overview: { layers: ['grids', 'workers', 'cameras', 'tracks'], grids: 1 },
  events: { layers: ['grids', 'heat', 'events', 'tracks'], grids: 0.35 },
  patrol: { layers: ['workers', 'tracks', 'unvisited'], grids: 0.6 },
};

export class Views {
  /** @param {string} view @param {(views: Views) => void} changed */
  constructor(view, changed) {
    this.changed = changed;
    this.view = view in VIEWS ? view : 'overview';
    this.on = new Set(VIEWS[this.view].layers);
  }

  /** @param {string} view */
  show(view) {
    if (!(view in VIEWS)) return;
    this.view = view;
    this.on = new Set(VIEWS[view].layers);
    this.changed(this);
  }

  /** @param {string} layer */
  toggle(layer) {
    const name = /** @type {LayerName} */ (layer);
    if (!LAYERS.includes(name)) return;
    if (!this.on.delete(name)) this.on.add(name);
    this.changed(this);
  }

  /** How strongly the grids' blue shows. */
  get gridStrength() {
    return this.on.has('grids') ? VIEWS[this.view].grids : 0;
  }
}
