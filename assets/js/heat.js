/** Heat: where events were, as hexes that cool with the hall's time; the card does the cooling. */

import { centre } from './hexes.js';
import { PROJECT, program, Quads, room } from './program.js';
import { rgb } from './theme.js';

const FLOATS = 4;
const GONE = 0.02;
/** Where nobody looks at the heat the cold is forgotten all the same, each so many calls of `rest`. */
const RESTS = 10;

/** What a weight of then is now. @param {number} weight @param {number} at @param {number} now @param {number} halfLife seconds */
export function cooled(weight, at, now, halfLife) {
  return weight * 2 ** (-Math.max(0, now - at) / halfLife);
}

/** Cells by district and place; heat of two districts in one cell lies over each other. */
export class Heat {
  /** @param {number} size degrees @param {number} halfLife seconds */
  constructor(size, halfLife) {
    this.size = size;
    this.halfLife = halfLife;
    /** @type {Map<number, Map<number, {q: number, r: number, weight: number, at: number}>>} */
    this.districts = new Map();
    this.version = 0;
    this.rests = 0;
  }

  /** @param {import('./frame.js').Frame} frame */
  apply(frame) {
    const table = frame.tables.heat;
    if (frame.whole) this.districts.set(frame.district, new Map());
    if (!table || !table.rows) return;
    const cells = this.districts.get(frame.district) ?? new Map();
    this.districts.set(frame.district, cells);
    for (let k = 0; k < table.rows; k++) {
      const [q, r] = [table.q[k], table.r[k]];
      cells.set(q * 4194304 + r, { q, r, weight: table.weight[k], at: table.at[k] });
    }
    this.version++;
  }

  /** Once a second, whoever looks: a wall that never shows the heat would keep each place where anything ever was.
   * @param {number} now hall seconds */
  rest(now) {
    if (++this.rests % RESTS === 0) this.warm(now);
  }

  /** What is still warm; the cold is forgotten. @param {number} now hall seconds */
  warm(now) {
    const warm = [];
    for (const cells of this.districts.values()) {
      for (const [key, one] of cells) {
        const weight = cooled(one.weight, one.at, now, this.halfLife);
        if (weight < GONE) cells.delete(key);
        else warm.push({ ...one, now: weight });
      }
    }
    return warm;
  }

  clear() {
    this.districts.clear();
    this.version++;
  }
}

/** The top of the ramp: what one warm cell in fifty exceeds, as a power of two. @param {{now: number}[]} warm */
export function topOf(warm) {
  const weights = warm.map((one) => one.now).sort((a, b) => a - b);
  return 2 ** Math.ceil(Math.log2(Math.max(2, weights[Math.floor(weights.length * 0.98)] ?? 0)));
}

const VERTEX = `
in vec2 spot; in float weight; in float at;
uniform float hall; uniform float halfLife; uniform float top; uniform float radius; uniform float least;
out float heat; out vec2 u;
${PROJECT}
void main() {
  int corner = gl_VertexID & 3;
  u = vec2((corner & 1) == 0 ? -1.0 : 1.0, corner < 2 ? -1.0 : 1.0);
  heat = weight * exp2(-max(0.0, hall - at) / halfLife) / top;
  gl_Position = place(spot + u * max(radius, least));
}`;

const FRAGMENT = `
in float heat; in vec2 u;
uniform vec3 stops[4]; uniform float strength; uniform float gap;
void main() {
  vec2 a = abs(u);
  float edge = max(a.x / 0.866, (a.x * 0.5 + a.y * 0.866) / 0.866);
  if (edge > gap || heat < 0.015) discard;
  float level = clamp(pow(heat, 0.6), 0.0, 1.0), v = level * 2.9999;
  vec3 colour = v < 1.0 ? mix(stops[0], stops[1], v) : v < 2.0 ? mix(stops[1], stops[2], v - 1.0) : mix(stops[2], stops[3], v - 2.0);
  float cover = strength * smoothstep(0.0, 0.25, level) * (0.6 + 0.35 * level);
  ink = vec4(colour * cover, cover);
}`;

/** Near the ground a cell is as wide as the view: it lets the streets and tracks through. @param {number} wide steps of the screen */
export function thinner(wide) {
  return Math.min(1, Math.max(0.16, 1.2 - wide / 110));
}

export class HeatLayer {
  /** @param {Heat} heat @param {[number, number]} origin @param {import('./theme.js').Theme} theme */
  constructor(heat, origin, theme) {
    this.heat = heat;
    this.origin = origin;
    this.theme = theme;
    this.values = new Float32Array(1024 * FLOATS);
    this.cells = 0;
    this.base = 0;
    this.top = 1;
    this.version = -1;
    this.shown = true;
  }

  /** At most once a second: the cells anew, the top of the ramp as a power of two so that colours keep calm. @param {number} now */
  turn(now) {
    const warm = this.heat.warm(now);
    this.base = Math.floor(now);
    this.values = room(this.values, warm.length * 4 * FLOATS);
    let at = 0;
    for (const one of warm) {
      const [x, y] = centre(one.q, one.r, this.heat.size);
      for (let corner = 0; corner < 4; corner++, at += FLOATS) {
        this.values[at] = x - this.origin[0];
        this.values[at + 1] = y - this.origin[1];
        this.values[at + 2] = one.now;
        this.values[at + 3] = 0;
      }
    }
    this.cells = warm.length;
    this.top = topOf(warm);
    this.stale = true;
  }

  /** @param {WebGL2RenderingContext} gl */
  start(gl) {
    this.program = program(gl, VERTEX, FRAGMENT, ['spot', 'weight', 'at']);
    this.quads = new Quads(gl, [2, 1, 1]);
    this.stale = true;
  }

  /** @param {import('./ink.js').Pen} pen */
  draw(pen) {
    const { program: made, quads } = this;
    if (!this.cells || !made || !quads) return;
    if (this.stale) quads.write(this.values, this.cells * 4 * FLOATS);
    this.stale = false;
    const { gl } = pen;
    pen.use(made);
    gl.uniform1f(made.at('hall'), pen.hall - this.base);
    gl.uniform1f(made.at('halfLife'), this.heat.halfLife);
    gl.uniform1f(made.at('top'), this.top);
    gl.uniform1f(made.at('radius'), this.heat.size);
    gl.uniform1f(made.at('least'), (5 * pen.unit) / pen.ratio / pen.perDegree);
    gl.uniform1f(made.at('strength'), thinner((this.heat.size * pen.perDegree) / pen.unit));
    gl.uniform1f(made.at('gap'), this.heat.size * pen.perDegree > 8 ? 0.94 : 1);
    gl.uniform3fv(made.at('stops'), new Float32Array(this.theme.heat.flatMap(rgb)));
    quads.draw(this.cells);
  }
}
