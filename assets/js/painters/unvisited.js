/** Not visited: the share of patrol cells nobody has been in since midnight. */

import { make, sentence, skeleton, write } from './rows.js';

/** @param {HTMLElement} element @param {{empty?: string, percent: string, share: string, of: string, filled: number}} payload */
export function paint(element, payload) {
  if (payload.empty) return sentence(element, payload.empty);
  const parts = skeleton(element, 'unvisited', build);
  write(parts.percent, payload.percent);
  write(parts.share, payload.share);
  write(parts.of, payload.of);
  parts.filled.style.width = `${100 * payload.filled}%`;
}

function build() {
  const percent = make('span', 'number');
  const share = make('span');
  const of = make('span', 'aside-word');
  const filled = make('i', 'meter-filled meter-left');
  return {
    percent, share, of, filled,
    line: make('div', 'figure-line', [percent, make('span', 'made-of', [share, of])]),
    meter: make('div', 'meter', [filled]),
  };
}
