/** Acts: forms ask for what the workflow needs, and answers are told apart. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { body, fields, key, possible, told } from '../acts.js';

const move = (name, needs = [], brings = []) => ({ name, words: name, needs, brings });
const say = (word, values = {}) => `${word}${JSON.stringify(values)}`;

test('a move that needs whom asks for a department or a person, and neither alone is demanded', () => {
  const asked = fields(move('dispatch', ['whom'], ['handler', 'note']));
  assert.deepEqual(asked.map((field) => [field.name, field.needed]), [['department', false], ['handler', false], ['note', false]]);
});

test('a note that is needed is demanded', () => {
  assert.deepEqual(fields(move('return', ['note'])).map((field) => field.needed), [true]);
});

test('a move whose needs this page does not know is not offered', () => {
  assert.equal(possible(move('erase', ['names'])), false);
  assert.equal(possible(move('joint', ['owners'])), true);
});

test('what is sent has numbers as numbers, moments as seconds, and owners as rows', () => {
  const said = body(move('joint', ['owners'], ['note']), 4, 'k', { owners: 'dep-water 24\ndep roads 8.5\n', note: ' both ' }, []);
  assert.deepEqual(said, {
    move: 'joint', version: 4, note: 'both', request_key: 'k',
    data: { owners: [{ department: 'dep-water', hours: 24 }, { department: 'dep roads', hours: 8.5 }] },
  });
  assert.deepEqual(body(move('extend', ['hours']), 1, 'k', { hours: '0.5' }, []).data, { hours: 0.5 });
  assert.equal(body(move('park', ['until']), 1, 'k', { until: '2026-11-22T08:00' }, []).data.until, new Date('2026-11-22T08:00').getTime() / 1000);
  assert.deepEqual(body(move('hear_appeal', ['granted']), 1, 'k', { granted: 'no' }, []).data, { granted: false });
});

test('an empty field says nothing, and photos are named by their hashes', () => {
  assert.deepEqual(body(move('handle', ['proof'], ['answer']), 2, 'k', { note: 'done', answer: '  ' }, ['ab']).data, { proof: ['ab'] });
});

test('the loser of a race is told who won, in the words of the hall', () => {
  const lost = told(409, { error: 'li was quicker', case: { version: 7 } }, say, move('dispatch'));
  assert.deepEqual(lost, { kind: 'lost', words: 'li was quicker', version: 7 });
});

test('a refusal is its sentence; no answer is said to be no answer', () => {
  assert.deepEqual(told(422, { error: 'not yours', code: 'own' }, say, move('verify')), { kind: 'refused', words: 'not yours' });
  assert.equal(told(0, null, say, move('verify')).kind, 'away');
  assert.equal(told(503, { error: 'away' }, say, move('verify')).kind, 'away');
});

test('keys differ', () => {
  const made = new Set(Array.from({ length: 100 }, () => key(globalThis.crypto)));
  assert.equal(made.size, 100);
  assert.match([...made][0], /^[0-9a-f]{32}$/);
});
