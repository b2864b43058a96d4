// Turns what `tmux capture-pane -ep` gives into a page: node screen.mjs < CAPTURE > PAGE. Colours and weights of the
// terminal become classes; every text is escaped.
import { readFileSync } from 'node:fs';

const PALETTE = ['#1b1f24', '#b3261e', '#1a7f37', '#8a6100', '#0a5ca8', '#8250a8', '#0b7285', '#5a6370'];
const escape = text => text.replace(/[&<>]/g, char => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char]);

let state = {};
function style(codes) {
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at];
    if (code === 0) state = {};
    else if (code === 1) state.bold = true;
    else if (code === 2) state.dim = true;
    else if (code === 4) state.underlined = true;
    else if (code === 7) state.reversed = true;
    else if (code === 22) state.bold = state.dim = false;
    else if (code === 24) state.underlined = false;
    else if (code === 27) state.reversed = false;
    else if (code >= 30 && code <= 37) state.front = PALETTE[code - 30];
    else if (code >= 90 && code <= 97) state.front = PALETTE[code - 90];
    else if (code === 39) delete state.front;
    else if (code >= 40 && code <= 47) state.back = PALETTE[code - 40];
    else if (code === 49) delete state.back;
    else if ((code === 38 || code === 48) && codes[at + 1] === 5) {
      state[code === 38 ? 'front' : 'back'] = PALETTE[codes[at + 2] % 8];
      at += 2;
    } else if (code === 38 || code === 48) at += 4;
  }
}
function piece(text) {
  if (!text) return '';
  let [front, back] = [state.front ?? '#1b1f24', state.back ?? '#ffffff'];
  if (state.reversed) [front, back] = [back, front];
  const css = [`color:${front}`, `background:${back}`];
  if (state.bold) css.push('font-weight:700');
  if (state.dim) css.push('opacity:.7');
  if (state.underlined) css.push('text-decoration:underline');
  return `<span style="${css.join(';')}">${escape(text)}</span>`;
}
const lines = readFileSync(0, 'utf8').trimEnd().split('\n').map(line => {
  let html = '', rest = 0;
  for (const found of line.matchAll(/\x1b\[([\d;]*)m|\x1b[()].|\x0e|\x0f/g)) {
    html += piece(line.slice(rest, found.index));
    if (found[1] !== undefined) style(found[1] === '' ? [0] : found[1].split(';').map(Number));
    rest = found.index + found[0].length;
  }
  return html + piece(line.slice(rest));
});
console.log(`<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 18px; background: #fff; width: max-content; }
pre { font: 14px/1.28 'DejaVu Sans Mono', monospace; margin: 0; padding: 14px 16px; border: 1px solid #c6ccd4; border-radius: 8px; }
</style><pre>${lines.join('\n')}</pre>`);
