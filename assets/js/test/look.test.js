import assert from 'node:assert/strict';
import { test } from 'node:test';

import { differs, look } from '../painters/look.js';
import { styled } from '../painters/notes.js';

const gauge = (/** @type {number} */ value, end = 1000) => ({
  data: [{ type: 'indicator', value, gauge: { axis: { range: [0, end] }, bar: { color: '#3b82f6' }, steps: [{ range: [0.8 * end, end], color: '#facc15' }], threshold: { value } } }],
});
const bars = (/** @type {number[]} */ x, end = 100) => ({
  data: [{ type: 'bar', x, y: [0, 1], marker: { color: '#3b82f6' } }],
  layout: { xaxis: { range: [0, end] }, yaxis: { range: [0, 2] } },
});

test('a gauge that moves by less than a share of its arc looks the same', () => {
  assert.equal(differs(look(gauge(500)), look(gauge(505))), false);
  assert.equal(differs(look(gauge(500)), look(gauge(520))), true);
});

test('value and limit that grow together look the same', () => {
  assert.equal(differs(look(gauge(500, 1000)), look(gauge(1000, 2000))), false);
});

test('another colour is another look, however small the change', () => {
  const late = gauge(500);
  late.data[0].gauge.bar.color = '#f97316';
  assert.equal(differs(look(gauge(500)), look(late)), true);
});

test('bars are compared as shares of their axis', () => {
  assert.equal(differs(look(bars([50, 20])), look(bars([100, 40], 200))), false);
  assert.equal(differs(look(bars([50, 20])), look(bars([50, 24]))), true);
  assert.equal(differs(look(bars([50, 20])), look(bars([50]))), true);
});

test('the first look always differs', () => assert.equal(differs(undefined, look(bars([1, 2]))), true));

test('a note stands where its figure would have put it, margins and axes counted', () => {
  const layout = { margin: { l: 2, r: 1, t: 3, b: 4 }, yaxis: { range: [0, 10], domain: [0, 0.5] } };
  const note = { text: '12', x: 1, y: 5, yref: 'y', xanchor: 'right', yanchor: 'bottom', yshift: 1, font: { size: 5, color: '#e8eef7', weight: 600 } };
  const style = styled(note, layout, (colour) => colour.toUpperCase());
  assert.match(style, /left:calc\(2 \* var\(--u\) \+ \(100% - 3 \* var\(--u\)\) \* 1\)/);
  assert.match(style, /top:calc\(2 \* var\(--u\) \+ \(100% - 7 \* var\(--u\)\) \* 0\.75\)/);
  assert.match(style, /translate\(-100%, -100%\).*font-weight:600;color:#E8EEF7/);
});
