/** Marks: signs that stand still (cameras, events, the chosen thing) and the rings of new events. */

import { PROJECT, program, room, Rows } from './program.js';

/** Shapes by number, as the shader knows them. */
export const SHAPES = { disc: 0, square: 1, half: 2, hollow: 3, dotted: 4, ring: 5, pulse: 6, striped: 7, diamond: 8 };
const FLOATS = 9;
const PULSE_SECONDS = 2;

const VERTEX = `
in vec2 spot; in float size; in float shape; in vec4 tint; in float t0;
uniform float clock;
flat out int kind; out vec4 colour; out float pixels;
${PROJECT}
void main() {
  kind = int(shape + 0.5);
  float k = clamp((clock - t0) / ${PULSE_SECONDS.toFixed(1)}, 0.0, 1.0);
  float grow = kind == 6 ? 0.25 + 0.75 * (1.0 - (1.0 - k) * (1.0 - k)) : 1.0;
  colour = vec4(tint.rgb, kind == 6 ? tint.a * (1.0 - k) : tint.a);
  pixels = max(3.0, size * unit * grow * 2.0);
  gl_PointSize = pixels;
  gl_Position = colour.a <= 0.0 ? vec4(2.0, 2.0, 2.0, 1.0) : place(spot);
}`;

const FRAGMENT = `
flat in int kind; in vec4 colour; in float pixels;
uniform vec3 halo;
void main() {
  vec2 u = gl_PointCoord * 2.0 - 1.0, a = abs(u);
  float soft = 2.0 / pixels, d = length(u), m = max(a.x, a.y), body = 0.0, edge = 0.0;
  float square = 1.0 - step(0.78, m), line = 2.6 / pixels + 0.16;
  if (kind == 0 || kind == 7) { body = 1.0 - smoothstep(0.74 - soft, 0.74, d); edge = 1.0 - smoothstep(1.0 - soft, 1.0, d);
    if (kind == 7 && fract((u.x + u.y) * 1.4) < 0.4) body *= 0.25; }
  else if (kind == 1) { body = square; edge = 1.0 - step(1.0, m); }
  else if (kind == 2) { body = square * max(step(0.0, u.y), step(0.78 - line, m)); edge = 1.0 - step(1.0, m); }
  else if (kind == 3) { body = square * step(0.78 - line, m); edge = 1.0 - step(1.0, m); }
  else if (kind == 4) { body = square * step(0.78 - line, m) * step(0.45, fract((u.x + u.y) * 1.6)); }
  else if (kind == 8) { float t = a.x + a.y; body = 1.0 - smoothstep(0.72 - soft, 0.72, t); edge = 1.0 - smoothstep(1.0 - soft, 1.0, t); }
  else { float w = kind == 5 ? max(0.09, 3.0 / pixels) : max(0.05, 3.0 / pixels);
    body = smoothstep(1.0 - w * 2.0 - soft, 1.0 - w * 2.0, d) * (1.0 - smoothstep(1.0 - soft, 1.0, d)); }
  float cover = max(body, edge * 0.7) * colour.a;
  if (cover < 0.01) discard;
  ink = vec4(mix(halo, colour.rgb, body) * cover, cover);
}`;

export class Marks {
  /** @param {[number, number, number]} halo */
  constructor(halo) {
    this.halo = halo;
    this.values = new Float32Array(64 * FLOATS);
    this.count = 0;
    this.stale = true;
    this.shown = true;
    this.pageBase = performance.now() / 1000;
  }

  clear() {
    this.count = 0;
    this.stale = true;
  }

  /** @param {number} x @param {number} y plane offsets @param {number} size @param {number} shape
   * @param {[number, number, number]} colour @param {number} alpha @param {number} [page] when a pulse began, seconds */
  add(x, y, size, shape, colour, alpha, page = 0) {
    this.values = room(this.values, (this.count + 1) * FLOATS);
    this.values.set([x, y, size, shape, colour[0], colour[1], colour[2], alpha, page ? page - this.pageBase : 0], this.count * FLOATS);
    this.count++;
    this.stale = true;
  }

  /** @param {WebGL2RenderingContext} gl */
  start(gl) {
    this.program = program(gl, VERTEX, FRAGMENT, ['spot', 'size', 'shape', 'tint', 't0']);
    this.rows = new Rows(gl, [2, 1, 1, 4, 1]);
    this.stale = true;
  }

  /** @param {import('./ink.js').Pen} pen */
  draw(pen) {
    const { program: made, rows } = this;
    if (!this.count || !made || !rows) return;
    if (this.stale) rows.write(this.values, this.count * FLOATS);
    this.stale = false;
    pen.use(made);
    pen.gl.uniform1f(made.at('clock'), pen.page - this.pageBase);
    pen.gl.uniform3fv(made.at('halo'), this.halo);
    pen.gl.bindVertexArray(rows.array);
    pen.gl.drawArrays(pen.gl.POINTS, 0, this.count);
    pen.gl.bindVertexArray(null);
  }
}

/** A few soft rings for what is new: each lives two seconds, and more than a few at once would be noise. */
export class Pulses extends Marks {
  /** @param {[number, number, number]} halo @param {number} most */
  constructor(halo, most = 6) {
    super(halo);
    this.most = most;
    /** @type {{x: number, y: number, page: number, colour: [number, number, number]}[]} */
    this.living = [];
  }

  /** @param {number} x @param {number} y @param {number} page @param {[number, number, number]} colour */
  ring(x, y, page, colour) {
    this.living = this.living.filter((one) => page - one.page < PULSE_SECONDS);
    if (this.living.length >= this.most) return 0;
    this.living.push({ x, y, page, colour });
    this.clear();
    for (const one of this.living) this.add(one.x, one.y, 30, SHAPES.pulse, one.colour, 0.9, one.page);
    return page + PULSE_SECONDS;
  }
}
