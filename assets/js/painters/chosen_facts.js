/** What the reading API says of something, as a title and lines for the chosen panel. A word we do not get is a line we do not show. */

import { age } from './ages.js';

/** @typedef {import('./rows.js').Say} Say */
/** @typedef {Record<string, any>} Answer */
/** @typedef {[string, string, ((value: any, say: Say, data: Answer) => string)?]} Line name of the word, field of the answer (a.b: inside it, a|b: either), how to say it */

/** Chosen by a word of the answer. @param {string} room */
const word = (room) => (/** @type {string} */ value, /** @type {Say} */ say) => say(`${room}.${value}`);
const old = (/** @type {number} */ value) => age(value);
/** @param {string[]} value @param {Say} say */
const doubts = (value, say) => value.map((doubt) => say(`doubt.${doubt}`)).join(' · ');

/** feed: whose age stands in the corner of the panel. @type {Record<string, {feed: string, title: string[], lines: Line[]}>} */
const KINDS = {
  worker: {
    feed: 'fixes',
    title: ['worker_id'],
    lines: [
      ['chosen.fix', 'position.age', old],
      ['chosen.freshness', 'position.freshness', word('freshness')],
      ['chosen.containment', 'position.containment', word('containment')],
      ['chosen.minutes', 'patrol', (value) => `${value.count} / ${value.of} min`],
      ['chosen.doubts', 'position.doubts', doubts],
      ['chosen.states', 'position.states', doubts],
      ['chosen.place', 'area_name'],
      ['chosen.grid', 'grid_name|grid_id'],
    ],
  },
  event: {
    feed: 'events',
    title: ['class_name', 'class_code', 'event_id'],
    lines: [
      ['chosen.case', 'event_id'],
      ['chosen.step', 'status|step', word('step')],
      ['chosen.level', 'level', word('level')],
      ['chosen.band', 'band', word('band')],
      ['chosen.left', 'left', (value, say) => (value < 0 ? say('chosen.late', { age: age(-value) }) : age(value))],
      ['chosen.age', 'age|age_seconds', old],
      ['chosen.near', 'near', (value, say) => say(value === 1 ? 'chosen.person' : 'chosen.people', { n: value })],
      ['chosen.place', 'area_name'],
      ['chosen.address', 'address'],
    ],
  },
  camera: {
    feed: 'cameras',
    title: ['name', 'camera_id'],
    lines: [
      ['chosen.state', 'state', word('camera')],
      ['chosen.since', 'age|since', (value, _say, data) => age(data.age ?? data.now - value)],
      ['chosen.owner', 'owner'],
      ['chosen.platform', 'platform'],
      ['chosen.switch', 'switch'],
      ['chosen.id', 'camera_id'],
    ],
  },
};

/** @param {string} kind worker, event or camera @param {Answer} data what the API answered @param {Say} say */
export function facts(kind, data, say) {
  const { feed, title, lines } = KINDS[kind] ?? KINDS.event;
  const name = title.map((field) => data[field]).find(known);
  const told = lines.map((line) => ({ line, value: at(data, line[1]) })).filter(({ value }) => known(value));
  return { kind, feed, title: `${say(`chosen.${kind}`)} ${name ?? ''}`.trim(), facts: told.map(({ line, value }) => fact(line, value, say, data)) };
}

/** @param {Line} line @param {any} value @param {Say} say @param {Answer} data */
function fact([name, field, how], value, say, data) {
  return { key: field, name: say(name), value: how ? how(value, say, data) : String(value), band: field === 'band' ? String(value) : undefined };
}

/** @param {Answer} data @param {string} path */
function at(data, path) {
  const values = path.split('|').map((one) => one.split('.').reduce((found, name) => found?.[name], /** @type {any} */ (data)));
  return values.find(known);
}

/** @param {any} value */
function known(value) {
  return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && !value.length);
}
