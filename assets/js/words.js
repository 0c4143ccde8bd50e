/** Words: what the page says, in its language, from <script type="application/json" id="words">. */

/** @typedef {(key: string, values?: Record<string, unknown>) => string} Say */

/** @param {Document} page @returns {Say} */
export function words(page) {
  const table = JSON.parse(page.getElementById('words')?.textContent || '{}');
  return (key, values = {}) => fill(table[key] ?? key.split('.').pop()?.replaceAll('_', ' ') ?? key, values);
}

/** @param {string} text @param {Record<string, unknown>} values */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** HH:MM in the city's zone. @param {string} zone */
export function hourMinute(zone) {
  const format = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone });
  return (/** @type {number} */ seconds) => format.format(seconds * 1000);
}

export { age } from './painters/ages.js';

/** @template {keyof HTMLElementTagNameMap} K @param {K} tag @param {string} name @param {string} [text] */
export function element(tag, name, text = '') {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}
