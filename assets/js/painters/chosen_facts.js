/** What the reading API says of something, as a title and lines for the chosen panel. A word we do not get is a line we do not show. */

import { age } from './ages.js';

/** @typedef {import('./rows.js').Say} Say */
/** @typedef {Record<string, any>} Answer */
/** @typedef {[string, string, ((value: any, data: Answer, say: Say) => string)?]} Line name of the word, field of the answer, how to say it */

const at = (/** @type {any} */ value, /** @type {Answer} */ data) => age(Number(data.now ?? Date.now() / 1000) - seconds(value));

/** @type {Record<string, {title: string[], lines: Line[]}>} */
const KINDS = {
  worker: {
    title: ['name', 'worker_id', 'id'],
    lines: [
      ['chosen.id', 'worker_id'],
      ['chosen.grid', 'grid_name'],
      ['chosen.fix', 'age_seconds', (value) => age(Number(value))],
      ['chosen.fix', 'freshness', (value, _, say) => say(`freshness.${value}`)],
      ['chosen.containment', 'containment', (value, _, say) => say(`containment.${value}`)],
      ['chosen.minutes', 'patrol_minutes', (value, data) => `${value} / ${data.patrol_target ?? '—'} min`],
    ],
  },
  event: {
    title: ['class_name', 'class_code', 'event_id', 'key'],
    lines: [
      ['chosen.step', 'step', (value, _, say) => say(`step.${value}`)],
      ['chosen.level', 'level', (value, _, say) => say(`level.${value}`)],
      ['chosen.band', 'band', (value, _, say) => say(`band.${value}`)],
      ['chosen.place', 'area_name'],
      ['chosen.age', 'age_seconds', (value) => age(Number(value))],
      ['chosen.id', 'event_id'],
    ],
  },
  camera: {
    title: ['name', 'camera_id', 'id'],
    lines: [
      ['chosen.state', 'state', (value, _, say) => say(`camera.${value}`)],
      ['chosen.since', 'since', at],
      ['chosen.owner', 'owner'],
      ['chosen.platform', 'platform'],
      ['chosen.switch', 'switch'],
      ['chosen.id', 'camera_id'],
    ],
  },
};

/** @param {string} kind worker, event or camera @param {Answer} data what the API answered @param {Say} say */
export function facts(kind, data, say) {
  const { title, lines } = KINDS[kind] ?? KINDS.event;
  const name = title.map((field) => data[field]).find((value) => value !== undefined && value !== '' && value !== null);
  return {
    kind,
    title: `${say(`chosen.${kind}`)} ${name ?? ''}`.trim(),
    facts: lines.filter(([, field]) => data[field] !== undefined && data[field] !== null && data[field] !== '').map((line) => fact(line, data, say)),
  };
}

/** @param {Line} line @param {Answer} data @param {Say} say */
function fact([word, field, how], data, say) {
  return { key: field, name: say(word), value: how ? how(data[field], data, say) : String(data[field]), band: field === 'band' ? String(data[field]) : undefined };
}

/** Seconds since 1970 from what may be seconds or ISO 8601. @param {string | number} value */
function seconds(value) {
  return typeof value === 'number' ? value : Date.parse(value) / 1000;
}
