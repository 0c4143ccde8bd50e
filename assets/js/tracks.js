/** Tracks: the last hour of the chosen workers as lines, brighter toward now, with the time written along.
 *
 * GET /api/v1/tracks?slot=<row>[&slot=…] or ?near=<lon>,<lat>&metres=<m>, each with optional &from=&to= (hall seconds;
 * default the last hour) → {"workers": [{"slot": 3, "worker_id": "…", "at": [s, …], "lon": [°, …], "lat": [°, …], "cut": [i, …]}]}
 * at ascending; `cut` (optional): indexes at which a new track starts. At most &limit= workers, the nearest first.
 */

import { planeY } from './plane.js';
import { PROJECT, program, Quads, room } from './program.js';
import { rgb } from './theme.js';

/** @typedef {{slot: number, worker_id: string, at: number[], lon: number[], lat: number[], cut?: number[]}} Track */

const FLOATS = 6;
const SPLIT = 600;
const STEPS = [300, 600, 900, 1800, 3600];

const VERTEX = `
in vec4 ends; in vec2 times;
uniform float now; uniform float span; uniform vec2 screen; uniform float width;
out float light; out float side;
${PROJECT}
void main() {
  int corner = gl_VertexID & 3;
  vec4 a = place(ends.xy), b = place(ends.zw);
  vec2 along = (b.xy - a.xy) * screen;
  float run = length(along);
  vec2 ahead = run < 0.001 ? vec2(1.0, 0.0) : along / run;
  vec2 across = vec2(-ahead.y, ahead.x);
  side = (corner & 1) == 0 ? -1.0 : 1.0;
  float tip = corner < 2 ? -0.35 : 0.35;
  light = clamp(1.0 - (now - (corner < 2 ? times.x : times.y)) / span, 0.0, 1.0);
  gl_Position = vec4((corner < 2 ? a : b).xy + (across * side + ahead * tip) * width / screen, 0.0, 1.0);
}`;

const FRAGMENT = `
in float light; in float side;
uniform vec3 colour; uniform vec3 tail; uniform float strength;
void main() {
  float cover = (0.22 + 0.78 * light * light) * (1.0 - smoothstep(0.7, 1.0, abs(side))) * strength;
  ink = vec4(mix(tail, colour, light) * cover, cover);
}`;

export class Tracks {
  /** @param {[number, number]} origin @param {import('./theme.js').Theme} theme */
  constructor(origin, theme) {
    this.origin = origin;
    this.theme = theme;
    this.values = new Float32Array(256 * 4 * FLOATS);
    this.segments = 0;
    this.base = 0;
    this.span = 3600;
    this.shown = true;
    /** @type {Track[]} */
    this.workers = [];
  }

  /** @param {Track[]} workers */
  show(workers) {
    this.workers = workers;
    this.segments = 0;
    const starts = workers.flatMap((one) => one.at.slice(0, 1));
    this.base = starts.length ? Math.min(...starts) : 0;
    for (const one of workers) this.line(one);
    this.stale = true;
  }

  /** @param {Track} one */
  line(one) {
    const cuts = new Set(one.cut ?? []);
    this.values = room(this.values, (this.segments + one.at.length) * 4 * FLOATS);
    for (let i = 1; i < one.at.length; i++) {
      if (cuts.has(i) || one.at[i] - one.at[i - 1] > SPLIT) continue;
      const [ax, ay] = this.spot(one, i - 1);
      const [bx, by] = this.spot(one, i);
      for (let corner = 0; corner < 4; corner++) {
        const at = (this.segments * 4 + corner) * FLOATS;
        this.values.set([ax, ay, bx, by, one.at[i - 1] - this.base, one.at[i] - this.base], at);
      }
      this.segments++;
    }
  }

  /** @param {Track} one @param {number} i @returns {[number, number]} */
  spot(one, i) {
    return [one.lon[i] - this.origin[0], planeY(one.lat[i]) - this.origin[1]];
  }

  /** @param {WebGL2RenderingContext} gl */
  start(gl) {
    this.program = program(gl, VERTEX, FRAGMENT, ['ends', 'times']);
    this.quads = new Quads(gl, [4, 2]);
    this.stale = true;
  }

  /** @param {import('./ink.js').Pen} pen */
  draw(pen) {
    const { program: made, quads } = this;
    if (!this.segments || !made || !quads) return;
    if (this.stale) quads.write(this.values, this.segments * 4 * FLOATS);
    this.stale = false;
    const { gl } = pen;
    pen.use(made);
    gl.uniform1f(made.at('now'), pen.hall - this.base);
    gl.uniform1f(made.at('span'), this.span);
    gl.uniform2f(made.at('screen'), gl.drawingBufferWidth / 2, gl.drawingBufferHeight / 2);
    gl.uniform1f(made.at('width'), 1.9 * pen.unit);
    gl.uniform1f(made.at('strength'), this.workers.length > 8 ? 0.75 : 1);
    gl.uniform3fv(made.at('colour'), rgb(this.theme.text));
    gl.uniform3fv(made.at('tail'), rgb(this.theme.accent));
    quads.draw(this.segments);
  }
}

/** Times to be written along a track: on round minutes, and the newest. @param {Track} one @param {number} most
 * @returns {{at: number, lon: number, lat: number}[]} */
export function timeMarks(one, most = 6) {
  const last = one.at.length - 1;
  if (last < 0) return [];
  const span = one.at[last] - one.at[0];
  const step = STEPS.find((seconds) => span / seconds <= most) ?? 3600;
  const marks = [];
  for (let i = 1; i <= last; i++) {
    const crossed = Math.floor(one.at[i] / step) > Math.floor(one.at[i - 1] / step);
    if (crossed && one.at[i] - one.at[i - 1] <= SPLIT) marks.push({ at: one.at[i], lon: one.lon[i], lat: one.lat[i] });
  }
  return marks;
}
