/** Acts: what a move of a case asks for, what is sent for it, and what an answer means. No page in it. */

/** @typedef {{name: string, words: string, needs: string[], brings: string[]}} Offered */
/** @typedef {{name: string, kind: 'text' | 'long' | 'number' | 'moment' | 'choice' | 'yesno' | 'photo' | 'lines', needed: boolean,
 *   from?: number, to?: number}} Field */
/** @typedef {{kind: 'done' | 'lost' | 'refused' | 'away', words: string, version?: number}} Told */

/** What the workflow asks for → the fields of a form. `whom` is a department, or a person, or both.
 * @type {Record<string, Omit<Field, 'needed'>[]>} */
const FIELDS = {
  note: [{ name: 'note', kind: 'long' }],
  proof: [{ name: 'note', kind: 'long' }, { name: 'proof', kind: 'photo' }],
  whom: [{ name: 'department', kind: 'choice' }, { name: 'handler', kind: 'text' }],
  handler: [{ name: 'handler', kind: 'text' }],
  answer: [{ name: 'answer', kind: 'long' }],
  hours: [{ name: 'hours', kind: 'number', from: 0, to: 8784 }],
  until: [{ name: 'until', kind: 'moment' }],
  satisfaction: [{ name: 'satisfaction', kind: 'number', from: 1, to: 5 }],
  score: [{ name: 'score', kind: 'number', from: 0, to: 100 }],
  into: [{ name: 'into', kind: 'text' }],
  owners: [{ name: 'owners', kind: 'lines' }],
  granted: [{ name: 'granted', kind: 'yesno' }],
};

/** Fields that may be left empty although their need must be met: one of several will do. */
const ANY_OF = ['whom', 'proof'];

/** @param {Offered} move @returns {Field[]} each field once; a need goes before what may be brought */
export function fields(move) {
  /** @type {Map<string, Field>} */
  const found = new Map();
  for (const [names, needed] of /** @type {[string[], boolean][]} */ ([[move.needs, true], [move.brings, false]])) {
    for (const need of names) {
      for (const field of FIELDS[need] ?? []) {
        if (!found.has(field.name)) found.set(field.name, { ...field, needed: needed && !ANY_OF.includes(need) });
      }
    }
  }
  return [...found.values()];
}

/** Whether the page knows how to ask for all that the move needs. @param {Offered} move */
export const possible = (move) => move.needs.every((need) => need in FIELDS);

/** What is sent. @param {Offered} move @param {number} version as it stood when the form was opened
 * @param {string} key @param {Record<string, string>} values @param {string[]} proof hashes of photos that were sent before */
export function body(move, version, key, values, proof) {
  /** @type {Record<string, unknown>} */
  const data = {};
  for (const field of fields(move)) {
    const said = (values[field.name] ?? '').trim();
    if (field.name === 'note' || !said) continue;
    data[field.name] = READ[field.kind]?.(said) ?? said;
  }
  if (proof.length) data.proof = proof;
  return { move: move.name, version, note: (values.note ?? '').trim(), request_key: key, data };
}

/** @type {Partial<Record<Field['kind'], (said: string) => unknown>>} */
const READ = {
  number: Number,
  moment: (said) => new Date(said).getTime() / 1000,
  yesno: (said) => said === 'yes',
  lines: (said) => said.split('\n').map(owner).filter((one) => one.department),
};

/** "dep-water 24" → a department and its hours. @param {string} line */
function owner(line) {
  const parts = line.trim().split(/\s+/);
  const hours = Number(parts.pop());
  return { department: parts.join(' '), hours };
}

/** @param {number} status @param {any} answer @param {import('./words.js').Say} say @param {Offered} move @returns {Told} */
export function told(status, answer, say, move) {
  if (status === 200) return { kind: 'done', words: say('act.done', { move: move.words }), version: answer.case.version };
  if (status === 409) return { kind: 'lost', words: answer.error, version: answer.case.version };
  if (status >= 500 || !answer?.error) return { kind: 'away', words: answer?.error ?? say('act.offline') };
  return { kind: 'refused', words: answer.error };
}

/** Random enough that no two acts of anybody share it; works on plain http too. @param {Crypto} source */
export function key(source) {
  return [...source.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, '0')).join('');
}
