/** Moving: the crowd as points, walked from place to place and aged by the graphics card, not by us. */

import { STRIDE } from './crowd.js';
import { PROJECT, program, Rows } from './program.js';
import { rgb } from './theme.js';

/** Points, not quads: one vertex a mark is seven times cheaper without a graphics card.
 * shape: 0 dot, 1 ring, 2 hollow, 3 cross, 4 diamond, 5 triangle. */
const VERTEX = `
in vec2 start; in vec2 goal; in float t0; in float at; in float mark;
uniform float clock; uniform float glide; uniform float hall; uniform vec3 ages; uniform vec4 show; uniform float size;
uniform vec3 fresh; uniform vec3 ageing; uniform vec3 old; uniform vec3 gone; uniform vec3 red;
flat out int shape; out vec3 colour; out float alpha; out float pixels;
${PROJECT}
void main() {
  float age = hall - at;
  int bits = int(mark - 0.5);
  bool lost = age >= ages.z;
  bool outside = (bits & 3) == 3 && age < ages.y && show.x > 0.5;
  bool sos = (bits & 32) != 0 && !lost;
  shape = sos ? 5 : outside ? 4 : age < ages.x ? 0 : age < ages.y ? 1 : lost ? 3 : 2;
  colour = sos || outside ? red : age < ages.x ? fresh : age < ages.y ? ageing : lost ? gone : old;
  float quiet = lost ? show.z : age < ages.y ? show.y : show.y * 0.8;
  alpha = sos || outside ? 1.0 : quiet;
  float grow = sos ? 4.5 + 0.8 * sin(clock * 3.1) : outside ? 2.4 : shape == 0 ? 1.0 : 1.5;
  pixels = max(2.0, size * unit * grow * 2.0 + 1.0);
  gl_PointSize = pixels;
  gl_Position = place(mix(start, goal, clamp((clock - t0) / glide, 0.0, 1.0)));
  if (mark < 0.5 || alpha == 0.0) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
}`;

const FRAGMENT = `
flat in int shape; in vec3 colour; in float alpha; in float pixels;
uniform vec3 halo;
void main() {
  vec2 u = gl_PointCoord * 2.0 - 1.0;
  // distances in pixels, so that a dot of three pixels is as crisp as one of thirty
  float r = pixels * 0.5, d = length(u) * r, body = 0.0, edge = 0.0;
  float disc = clamp(r - d, 0.0, 1.0), line = max(1.0, r * 0.42);
  if (shape == 0) body = disc;
  else if (shape == 1) body = min(disc, clamp(d - (r - 0.5 - line), 0.0, 1.0));
  else if (shape == 2) body = min(disc, clamp(d - (r - 0.5 - line * 0.7), 0.0, 1.0));
  else if (shape == 3) body = clamp(line * 0.5 + 0.5 - min(abs(u.x - u.y), abs(u.x + u.y)) * r * 0.7071, 0.0, 1.0) * disc;
  else if (shape == 4) { float m = (abs(u.x) + abs(u.y)) * r; body = clamp(r * 0.76 - m, 0.0, 1.0); edge = clamp(r - m, 0.0, 1.0); }
  else { float t = max((abs(u.x) - (u.y + 0.8) * 0.571) * 0.868, u.y - 0.6) * r;
    body = clamp(-t, 0.0, 1.0); edge = clamp(r * 0.16 - t, 0.0, 1.0); }
  float cover = max(body, edge * 0.85);
  if (cover < 0.01) discard;
  ink = vec4(mix(halo, colour, edge > 0.0 ? body : 1.0), 1.0) * cover * alpha;
}`;

/** How each view shows workers: are diamonds drawn, how strong the living and the lost, how large. */
const VIEWS = /** @type {Record<string, [number, number, number, number]>} */ ({
  overview: [0, 0.8, 0.3, 1.5],
  events: [0, 0.55, 0.0, 1.3],
  patrol: [1, 0.7, 0.4, 1.6],
});

export class Moving {
  /** @param {import('./crowd.js').Crowd} crowd @param {import('./theme.js').Theme} theme
   * @param {{fresh: number, ageing: number, old: number}} limits */
  constructor(crowd, theme, limits) {
    this.crowd = crowd;
    this.theme = theme;
    this.limits = limits;
    this.view = 'overview';
    this.shown = true;
    this.version = -1;
  }

  /** @param {WebGL2RenderingContext} gl */
  start(gl) {
    this.program = program(gl, VERTEX, FRAGMENT, ['start', 'goal', 't0', 'at', 'mark']);
    this.rows = new Rows(gl, [2, 2, 1, 1, 1]);
    this.version = -1;
  }

  /** @param {import('./ink.js').Pen} pen */
  draw(pen) {
    const { crowd, program: made, rows, limits } = this;
    if (!crowd.count || !made || !rows) return;
    const { gl } = pen;
    if (this.version !== crowd.version) {
      rows.write(crowd.rows, crowd.count * STRIDE);
      this.version = crowd.version;
    }
    pen.use(made);
    const [outside, living, lost, size] = VIEWS[this.view] ?? VIEWS.overview;
    // far away a crowd is a texture, quiet and fine; nearer it is people
    const near = Math.min(2.6, Math.max(0.5, 0.5 * (pen.perDegree / 250) ** 0.36));
    const quiet = Math.min(1, Math.max(0.5, 0.45 + near * 0.35));
    gl.uniform1f(made.at('clock'), pen.page - crowd.pageBase);
    gl.uniform1f(made.at('glide'), crowd.glide);
    gl.uniform1f(made.at('hall'), pen.hall - crowd.base);
    gl.uniform3f(made.at('ages'), limits.fresh, limits.ageing, limits.old);
    gl.uniform4f(made.at('show'), outside, living * quiet, lost * quiet, 0);
    gl.uniform1f(made.at('size'), size * near);
    for (const name of /** @type {const} */ (['fresh', 'ageing', 'old', 'red', 'halo'])) {
      gl.uniform3fv(made.at(name), rgb(this.theme[name]));
    }
    gl.uniform3fv(made.at('gone'), rgb(this.theme.lost));
    gl.bindVertexArray(rows.array);
    gl.drawArrays(gl.POINTS, 0, crowd.count);
    gl.bindVertexArray(null);
  }
}
