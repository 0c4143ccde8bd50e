/** Unvisited: the patrol cells nobody has been in today, hatched as the legend has them. The panel's payload says where they are.
 *
 * parts.unvisited.cells: an address; GET → {"q": [...], "r": [...]} (axial cells, feeds/hexes.py). Without it nothing is drawn.
 */

import { json } from './geo.js';
import { centre } from './hexes.js';
import { PROJECT, program, Quads, room } from './program.js';
import { rgb } from './theme.js';

const EVERY_MS = 60_000;
/** Enough to be read against the ground, no more: it is the largest thing on the map and the quietest. */
const CONTRAST = 3.2;
const FLOATS = 2;

const VERTEX = `
in vec2 spot;
uniform float radius; uniform float least; uniform float perDegree;
out vec2 u; out vec2 ground;
${PROJECT}
void main() {
  int corner = gl_VertexID & 3;
  u = vec2((corner & 1) == 0 ? -1.0 : 1.0, corner < 2 ? -1.0 : 1.0);
  vec2 p = spot + u * max(radius, least);
  ground = p * perDegree;
  gl_Position = place(p);
}`;

/** The hatching lies on the ground, so that it goes along when the map is moved, but is as wide at every zoom. */
const FRAGMENT = `
in vec2 u; in vec2 ground;
uniform vec3 colour; uniform float cover; uniform float step; uniform float thick;
void main() {
  vec2 a = abs(u);
  if (max(a.x / 0.866, (a.x * 0.5 + a.y * 0.866) / 0.866) > 1.0) discard;
  float off = abs(mod((ground.x + ground.y) * 0.7071, step) - 0.5 * step);
  float there = cover * clamp(0.5 * thick - off + 0.5, 0.0, 1.0);
  ink = vec4(colour * there, there);
}`;

export class Unvisited {
  /** @param {number} size of a cell, degrees @param {[number, number]} origin @param {import('./theme.js').Theme} theme */
  constructor(size, origin, theme) {
    this.layer = new Hatching(size, origin, theme);
    this.asked = -Infinity;
  }

  /** At most once a minute, and only while somebody looks. @param {string | undefined} address @param {number} page ms */
  async turn(address, page) {
    if (!address || !this.layer.shown || page - this.asked < EVERY_MS) return false;
    this.asked = page;
    const { q, r } = await json(address);
    this.layer.put(q, r);
    return true;
  }
}

export class Hatching {
  /** @param {number} size @param {[number, number]} origin @param {import('./theme.js').Theme} theme */
  constructor(size, origin, theme) {
    this.size = size;
    this.origin = origin;
    this.colour = rgb(theme.soon);
    this.cover = Math.max(...[theme.ground, theme.land].map((ground) => cover(this.colour, rgb(ground), CONTRAST)));
    this.values = new Float32Array(1024 * FLOATS);
    this.cells = 0;
    this.shown = false;
    this.stale = true;
  }

  /** @param {number[]} q @param {number[]} r */
  put(q, r) {
    this.values = room(this.values, q.length * 4 * FLOATS);
    q.forEach((value, at) => {
      const [x, y] = centre(value, r[at], this.size);
      for (let corner = 0; corner < 4; corner++) this.values.set([x - this.origin[0], y - this.origin[1]], (at * 4 + corner) * FLOATS);
    });
    this.cells = q.length;
    this.stale = true;
  }

  /** @param {WebGL2RenderingContext} gl */
  start(gl) {
    this.program = program(gl, VERTEX, FRAGMENT, ['spot']);
    this.quads = new Quads(gl, [2]);
    this.stale = true;
  }

  /** @param {import('./ink.js').Pen} pen */
  draw(pen) {
    const { program: made, quads } = this;
    if (!this.cells || !made || !quads) return;
    if (this.stale) quads.write(this.values, this.cells * 4 * FLOATS);
    this.stale = false;
    const { gl } = pen;
    const perDegree = pen.perDegree * pen.ratio; // of the canvas
    pen.use(made);
    gl.uniform1f(made.at('radius'), this.size);
    gl.uniform1f(made.at('least'), 1 / perDegree);
    gl.uniform1f(made.at('perDegree'), perDegree);
    gl.uniform1f(made.at('step'), Math.max(6, 7 * pen.unit));
    gl.uniform1f(made.at('thick'), Math.max(2, 2 * pen.unit));
    gl.uniform1f(made.at('cover'), this.cover);
    gl.uniform3fv(made.at('colour'), this.colour);
    gl.blendEquation(gl.MAX); // where cells meet, the one or the other: never the sum
    quads.draw(this.cells);
    gl.blendEquation(gl.FUNC_ADD);
  }
}

/** How much of a colour the ground needs to be told from it; 1 where all of it is too little.
 * @param {number[]} colour @param {number[]} ground each 0..1 @param {number} wanted as one light to another */
export function cover(colour, ground, wanted) {
  let share = 0;
  while (share < 1 && contrast(mixed(colour, ground, share), ground) < wanted) share += 0.01;
  return Math.min(1, share);
}

/** @param {number[]} over @param {number[]} under @param {number} share */
export function mixed(over, under, share) {
  return over.map((part, at) => part * share + under[at] * (1 - share));
}

/** @param {number[]} a @param {number[]} b */
export function contrast(a, b) {
  const [low, high] = [light(a), light(b)].sort((one, other) => one - other);
  return (high + 0.05) / (low + 0.05);
}

/** Relative luminance. @param {number[]} colour */
function light(colour) {
  const [red, green, blue] = colour.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
