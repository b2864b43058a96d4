// A terminal's screen as a page: `tmux capture-pane -e -p` in, HTML out, for picture.mjs to photograph.
import { readFileSync, writeFileSync } from "node:fs";

const [from, to] = process.argv.slice(2);
const PALETTE = ["#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#dcdfe4"];
const PLAIN = { bold: false, dim: false, reversed: false, color: null };

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

// One "select graphic rendition" sequence applied to a style. Source: ECMA-48.
function restyled(style, codes) {
  const next = { ...style };
  for (const code of codes.split(";").map(Number)) {
    if (code === 0) Object.assign(next, PLAIN);
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 22) Object.assign(next, { bold: false, dim: false });
    else if (code === 7) next.reversed = true;
    else if (code === 27) next.reversed = false;
    else if (code >= 30 && code <= 37) next.color = PALETTE[code - 30];
    else if (code === 39) next.color = null;
  }
  return next;
}

function run(style, text) {
  if (text === "") return "";
  const ink = style.color ?? "#dcdfe4";
  const rules = style.reversed ? [`background:${ink}`, "color:#1e222a"] : [`color:${ink}`];
  if (style.bold) rules.push("font-weight:bold");
  if (style.dim) rules.push("opacity:.65");
  return `<span style="${rules.join(";")}">${escaped(text)}</span>`;
}

let style = PLAIN;
const lines = readFileSync(from, "utf8").replace(/\n$/, "").split("\n").map((line) => {
  let html = "";
  let at = 0;
  for (const found of line.matchAll(/\x1b\[([0-9;]*)m/g)) {
    html += run(style, line.slice(at, found.index));
    style = restyled(style, found[1] || "0");
    at = found.index + found[0].length;
  }
  return html + run(style, line.slice(at));
});
writeFileSync(to, `<!doctype html><meta charset="utf-8"><title>rebook review</title>
<body style="margin:0;background:#1e222a;padding:12px">
<pre style="margin:0;font:14px/18px 'DejaVu Sans Mono',monospace;color:#dcdfe4">${lines.join("\n")}</pre></body>
`);
