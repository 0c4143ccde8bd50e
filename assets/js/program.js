/** Program: a pair of shaders with the names of its uniforms, and buffers that grow. */

/** @typedef {{program: WebGLProgram, at: (name: string) => WebGLUniformLocation | null}} Program */

/** What each picture is drawn with: x' = (x - centre) · scale, y likewise; clock in seconds, `unit` = pixels of one step of size. */
export const PROJECT = `
uniform vec2 centre; uniform vec2 scale; uniform float unit;
vec4 place(vec2 p) { return vec4((p - centre) * scale, 0.0, 1.0); }
`;

/** @param {WebGL2RenderingContext} gl @param {string} vertex @param {string} fragment @param {string[]} attributes @returns {Program} */
export function program(gl, vertex, fragment, attributes) {
  const made = /** @type {WebGLProgram} */ (gl.createProgram());
  gl.attachShader(made, shader(gl, gl.VERTEX_SHADER, `#version 300 es\nprecision highp float;\n${vertex}`));
  gl.attachShader(made, shader(gl, gl.FRAGMENT_SHADER, `#version 300 es\nprecision highp float;\nout vec4 ink;\n${fragment}`));
  attributes.forEach((name, index) => gl.bindAttribLocation(made, index, name));
  gl.linkProgram(made);
  if (!gl.getProgramParameter(made, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error(String(gl.getProgramInfoLog(made)));
  /** @type {Map<string, WebGLUniformLocation | null>} */
  const places = new Map();
  const at = (/** @type {string} */ name) => {
    if (!places.has(name)) places.set(name, gl.getUniformLocation(made, name));
    return places.get(name) ?? null;
  };
  return { program: made, at };
}

/** @param {WebGL2RenderingContext} gl @param {number} kind @param {string} source */
function shader(gl, kind, source) {
  const made = /** @type {WebGLShader} */ (gl.createShader(kind));
  gl.shaderSource(made, source);
  gl.compileShader(made);
  if (!gl.getShaderParameter(made, gl.COMPILE_STATUS) && !gl.isContextLost()) throw new Error(String(gl.getShaderInfoLog(made)));
  return made;
}

/** Rows of floats on the card. `fields`: how many floats each attribute takes, in order. */
export class Rows {
  /** @param {WebGL2RenderingContext} gl @param {number[]} fields */
  constructor(gl, fields) {
    this.gl = gl;
    this.array = gl.createVertexArray();
    this.buffer = gl.createBuffer();
    this.size = 0;
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    const stride = fields.reduce((sum, floats) => sum + floats, 0) * 4;
    let at = 0;
    fields.forEach((floats, index) => {
      gl.enableVertexAttribArray(index);
      gl.vertexAttribPointer(index, floats, gl.FLOAT, false, stride, at);
      at += floats * 4;
    });
    gl.bindVertexArray(null);
  }

  /** The first `floats` of the values go to the card. @param {Float32Array} values @param {number} floats */
  write(values, floats) {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    if (values.byteLength !== this.size) {
      gl.bufferData(gl.ARRAY_BUFFER, values.byteLength, gl.DYNAMIC_DRAW);
      this.size = values.byteLength;
    }
    if (floats) gl.bufferSubData(gl.ARRAY_BUFFER, 0, values, 0, floats);
  }
}

/** Four corners a shape: corner = gl_VertexID & 3; this index makes two triangles of each four. */
export class Quads extends Rows {
  /** @param {WebGL2RenderingContext} gl @param {number[]} fields */
  constructor(gl, fields) {
    super(gl, fields);
    this.index = gl.createBuffer();
    this.quads = 0;
  }

  /** @param {number} quads */
  draw(quads) {
    const { gl } = this;
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.index);
    if (quads > this.quads) this.grow(Math.max(256, quads * 2));
    gl.drawElements(gl.TRIANGLES, quads * 6, gl.UNSIGNED_INT, 0);
    gl.bindVertexArray(null);
  }

  /** @param {number} quads */
  grow(quads) {
    const index = new Uint32Array(quads * 6);
    for (let i = 0; i < quads; i++) index.set([0, 1, 2, 2, 1, 3].map((corner) => i * 4 + corner), i * 6);
    this.gl.bufferData(this.gl.ELEMENT_ARRAY_BUFFER, index, this.gl.STATIC_DRAW);
    this.quads = quads;
  }
}

/** Twice as long when too short; what was in it stays.
 * @param {Float32Array<ArrayBuffer>} values @param {number} floats @returns {Float32Array<ArrayBuffer>} */
export function room(values, floats) {
  if (floats <= values.length) return values;
  const longer = new Float32Array(Math.max(floats, values.length * 2));
  longer.set(values);
  return longer;
}
