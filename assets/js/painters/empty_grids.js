/** Grids with nobody, those with overdue events first. */

export { paint } from './people.js';
