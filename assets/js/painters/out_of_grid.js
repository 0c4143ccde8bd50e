/** Out of grid: who stands outside the own grid, the longest first. */

export { paint } from './people.js';
