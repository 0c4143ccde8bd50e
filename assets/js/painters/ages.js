/** Ages: how old a word is, said in the same way everywhere, and whether it is still good. */

/** Rounded down, so a unit begins at two of it: what is older never reads as less. layouts/words.py says the same.
 * @param {number | null | undefined} seconds */
export function age(seconds) {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return '—';
  const old = Math.max(0, seconds);
  if (old < 120) return `${Math.floor(old)} s`;
  if (old < 7200) return `${Math.floor(old / 60)} min`;
  if (old < 172800) return `${Math.floor(old / 3600)} h`;
  return `${Math.floor(old / 86400)} d`;
}

export const MARKS = /** @type {Record<string, string>} */ ({ live: '●', quiet: '○', late: '▲', dead: '✕', none: '—' });

/** The grade of a feed some seconds after it was told: it can only get worse until somebody tells us again.
 * @param {string} told @param {number | null} seconds age by now @param {number} elapsed since it was told @param {number} late @param {number} dead */
export function grade(told, seconds, elapsed, late, dead) {
  if (told === 'none' || told === 'dead' || seconds === null || elapsed < 5) return told;
  const silent = told === 'quiet' ? elapsed : seconds;
  if (silent >= dead) return 'dead';
  return silent >= late ? 'late' : told;
}

/** HH:MM:SS of hall time in the city's zone. @param {number} ms @param {number} offset seconds east of UTC */
export function clock(ms, offset) {
  return new Date(ms + offset * 1000).toISOString().slice(11, 19);
}
