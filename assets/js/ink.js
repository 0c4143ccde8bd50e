/** Ink: the canvas over the map on which everything that moves is drawn; nothing is drawn while nothing changes. */

import { pixelsPerDegree, planeY } from './plane.js';
import { pixelRatio, rendererName, tier } from './quality.js';

/** @typedef {import('./program.js').Program} Program */
/** What a layer may ask while it draws. hall and page in seconds.
 * @typedef {{gl: WebGL2RenderingContext, hall: number, page: number, unit: number, perDegree: number, ratio: number,
 *   use: (program: Program) => void}} Pen */
/** @typedef {{start: (gl: WebGL2RenderingContext) => void, draw: (pen: Pen) => void, shown: boolean}} Layer */

export class Ink {
  /** @param {import('maplibre-gl').Map} map @param {[number, number]} origin @param {(page: number) => number} hall seconds */
  constructor(map, origin, hall) {
    this.map = map;
    this.origin = origin;
    this.hall = hall;
    /** @type {Layer[]} */
    this.layers = [];
    this.canvas = document.createElement('canvas');
    this.canvas.className = 'ink';
    map.getCanvasContainer().append(this.canvas);
    this.gl = /** @type {WebGL2RenderingContext} */ (this.canvas.getContext('webgl2', { antialias: false, depth: false }));
    if (!this.gl) throw new Error('this browser draws no WebGL 2');
    this.tier = tier(rendererName(this.gl));
    this.until = 0; // page seconds until which something moves
    this.changed = true;
    /** Whoever turns us hears that there is something to draw. */
    this.wake = () => {};
    this.drawn = 0;
    this.spent = 0;
    this.lost = 0;
    this.canvas.addEventListener('webglcontextlost', (event) => (event.preventDefault(), this.lost++));
    this.canvas.addEventListener('webglcontextrestored', () => this.restart());
    map.on('move', () => (this.changed = true)); // what is above the map moves with it, in one picture
    map.on('render', () => this.changed && this.draw());
    this.resize();
  }

  /** Something changed: a picture is wanted with the next animation frame. */
  get wanted() { return this.changed; }

  set wanted(changed) {
    this.changed = changed;
    if (changed) this.wake();
  }

  /** Milliseconds until the next picture of what moves; none is due while nothing does. @param {number} ms */
  due(ms) {
    return this.tier.ease && ms / 1000 < this.until ? 1000 / this.tier.fps : Infinity;
  }

  /** @param {Layer} layer */
  add(layer) {
    this.layers.push(layer);
    layer.start(this.gl);
  }

  /** The card forgot everything; the arrays did not. */
  restart() {
    for (const layer of this.layers) layer.start(this.gl);
    this.wanted = true;
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    this.width = width;
    this.height = height;
    this.ratio = pixelRatio(this.tier, width, height, devicePixelRatio);
    this.canvas.width = Math.round(width * this.ratio);
    this.canvas.height = Math.round(height * this.ratio);
    this.wanted = true;
  }

  /** In an animation frame: draws if something changed or moves. @param {number} ms */
  turn(ms) {
    if (this.wanted || this.due(ms) < Infinity) this.draw();
  }

  draw() {
    const { gl } = this;
    if (gl.isContextLost()) return;
    const began = performance.now();
    this.changed = false;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    const pen = this.pen(began / 1000);
    for (const layer of this.layers) if (layer.shown) layer.draw(pen);
    this.drawn++;
    this.spent += performance.now() - began;
  }

  /** @param {number} page @returns {Pen} */
  pen(page) {
    const { gl, map } = this;
    const perDegree = pixelsPerDegree(map.getZoom());
    const middle = map.unproject([(this.width ?? 1) / 2, (this.height ?? 1) / 2]);
    const centre = [middle.lng - this.origin[0], planeY(middle.lat) - this.origin[1]];
    const scale = [(2 * perDegree) / (this.width ?? 1), (2 * perDegree) / (this.height ?? 1)];
    const unit = Math.max(1, (this.height ?? 1080) / 1080) * (this.ratio ?? 1);
    const use = (/** @type {Program} */ { program, at }) => {
      gl.useProgram(program);
      gl.uniform2f(at('centre'), centre[0], centre[1]);
      gl.uniform2f(at('scale'), scale[0], scale[1]);
      gl.uniform1f(at('unit'), unit);
    };
    return { gl, hall: this.hall(page * 1000), page, unit, perDegree, ratio: this.ratio ?? 1, use };
  }

  remove() {
    this.gl.getExtension('WEBGL_lose_context')?.loseContext();
    this.canvas.remove();
  }
}
