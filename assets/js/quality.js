/** Quality: how much this machine may be asked to draw, from the name of its renderer. */

/** @typedef {{name: string, fps: number, ratio: number, ease: boolean}} Tier */

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render|mesa offscreen/i;

/** No graphics card: one picture a frame from the hall; a weak one: half the pixels of a sharp screen.
 * @param {string} renderer @returns {Tier} */
export function tier(renderer) {
  if (SOFTWARE.test(renderer)) return { name: 'software', fps: 4, ratio: 1, ease: false };
  if (/intel|mali|adreno|videocore/i.test(renderer)) return { name: 'light', fps: 30, ratio: 1.5, ease: true };
  return { name: 'full', fps: 30, ratio: 2, ease: true };
}

/** @param {WebGL2RenderingContext} gl */
export function rendererName(gl) {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

/** Device pixels a CSS pixel, so that no side is longer than a canvas may be.
 * @param {Tier} tier @param {number} width @param {number} height @param {number} device */
export function pixelRatio(tier, width, height, device) {
  return Math.min(device, tier.ratio, 8192 / Math.max(1, width, height));
}
