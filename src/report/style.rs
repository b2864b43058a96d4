//! How pages look. Black on white first: they are printed, and read by people who are tired.
//!
//! Colours are those of Okabe and Ito (2008), which people of any colour vision can tell apart, darkened where text needs
//! it; nothing is told by colour alone.

/// The day sheet: for a printer that knows black alone. No paper is named, so that A4 and Letter both fit.
pub(super) const SHEET: &str = "
:root { color-scheme: light; }
* { box-sizing: border-box; }
html { background: #fff; color: #000; font: 15px/1.4 system-ui, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; }
header { border-bottom: 3px solid #000; margin-bottom: 1rem; padding-bottom: .5rem; }
h1 { font-size: 1.75rem; line-height: 1.15; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 1.5rem 0 .25rem; break-after: avoid; }
p { margin: .25rem 0; }
.small { font-size: .85rem; }
.count { font-weight: 400; }
.box { border: 2px solid #000; margin: 1rem 0; padding: .5rem .75rem; break-inside: avoid; }
.box h2 { margin: 0 0 .25rem; }
ul { margin: .25rem 0; padding-left: 1.2rem; }
table { border-collapse: collapse; width: 100%; }
th { border-bottom: 1.5px solid #000; font-size: .8rem; padding: .25rem .5rem .25rem 0; text-align: left; vertical-align: bottom; }
td { border-bottom: 1px solid #767676; padding: .45rem .5rem .45rem 0; vertical-align: top; overflow-wrap: anywhere; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
.tick { width: 1.6rem; }
.tick span { border: 1.5px solid #000; display: block; height: 1.05rem; margin-top: .15rem; width: 1.05rem; }
td.time { font-size: 1.2rem; font-variant-numeric: tabular-nums; font-weight: 700; line-height: 1.2; white-space: nowrap; width: 4.2rem; }
td.time small { display: block; font-size: .72rem; font-weight: 400; white-space: normal; }
.who { width: 27%; }
.what { width: 22%; }
.money { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; width: 7.5rem; }
th.money { padding-right: 1rem; }
td.money { padding-right: 1rem; }
.due { font-weight: 700; }
.call { border: 2px solid #000; display: inline-block; font-size: .8rem; font-weight: 700; letter-spacing: .03em; margin-bottom: .15rem; padding: 0 .35rem; text-transform: uppercase; }
.note { border-bottom: 1px solid #767676; height: 2.2rem; }
footer { border-top: 1px solid #000; margin-top: 1.5rem; padding-top: .5rem; }
.still { break-inside: avoid; }
@page { margin: 13mm 12mm 15mm; }
@media print { html { font-size: 11px; } body { max-width: none; padding: 0; } a { color: inherit; } }
@media (max-width: 40rem) { body { padding: .75rem; } .who, .what { width: auto; } }
";

/// The report. One blue for what is back, orange stripes for what waits, grey dots for what belongs nowhere.
pub(super) const REPORT: &str = "
:root { color-scheme: light; }
* { box-sizing: border-box; }
html { background: #fff; color: #1b1f24; font: 16px/1.55 system-ui, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif; }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.5rem 4rem; }
header p, footer p { color: #4a5260; }
h1 { font-size: 2.1rem; letter-spacing: -.01em; line-height: 1.15; margin: 0 0 .35rem; }
h2 { border-top: 1px solid #d3d8de; font-size: 1.35rem; line-height: 1.25; margin: 3rem 0 .5rem; padding-top: 1.5rem; break-after: avoid; }
h3 { font-size: 1.02rem; margin: 1.6rem 0 .3rem; break-after: avoid; }
p { margin: .5rem 0; max-width: 44rem; }
a { color: #005a8c; }
.lead { font-size: 1.2rem; line-height: 1.5; margin: 1.25rem 0 1.5rem; max-width: 46rem; }
.small { color: #4a5260; font-size: .88rem; }
.figures { display: grid; gap: 1rem 2rem; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); list-style: none; margin: 1.5rem 0; padding: 0; }
.figures strong { display: block; font-size: 2.4rem; font-variant-numeric: tabular-nums; letter-spacing: -.02em; line-height: 1.1; }
.next { background: #f2f6f9; border-left: 4px solid #005a8c; margin: 1.5rem 0; padding: .75rem 1rem; }
code { background: #eef1f4; border-radius: 3px; font: .92em ui-monospace, 'DejaVu Sans Mono', monospace; padding: .08em .35em; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .5rem 0 1rem; width: 100%; }
caption { color: #4a5260; font-size: .88rem; padding: .25rem 0; text-align: left; }
th { border-bottom: 1.5px solid #1b1f24; font-size: .85rem; padding: .3rem .75rem .3rem 0; text-align: left; vertical-align: bottom; }
td { border-bottom: 1px solid #d3d8de; font-size: .93rem; padding: .38rem .75rem .38rem 0; vertical-align: top; overflow-wrap: anywhere; }
tfoot td { border-bottom: 0; border-top: 1.5px solid #1b1f24; font-weight: 700; }
.n { text-align: right; white-space: nowrap; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
details { margin: .5rem 0 1rem; }
summary { color: #005a8c; cursor: pointer; font-size: .93rem; }
.legend { display: flex; flex-wrap: wrap; font-size: .9rem; gap: .25rem 1.5rem; list-style: none; margin: .75rem 0 .25rem; padding: 0; }
.swatch { height: .9rem; margin-right: .45rem; vertical-align: -.1rem; width: 1.15rem; }
.chart { display: block; height: auto; margin: .25rem 0 .75rem; width: 100%; break-inside: avoid; }
.fills { display: block; position: absolute; }
.recovered { fill: #0072b2; }
.held { fill: url(#hatch); stroke: #a85b00; stroke-width: 1; }
.none { fill: url(#dots); stroke: #6b7280; stroke-width: 1; }
.same { fill: #c9d6df; stroke: #6b7280; stroke-width: 1; }
.paper { fill: #fff; }
.ink-held { fill: #e08a00; }
.ink-none { fill: #4a5260; }
.mark { fill: #1b1f24; }
.read { fill: #6f8fa6; }
.axis { stroke: #4a5260; stroke-width: 1; }
.grid { stroke: #e3e7eb; stroke-width: 1; }
svg text { fill: #333a44; font: 13px system-ui, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif; }
svg .kind { font-size: 14px; }
.tick-y, .kind { text-anchor: end; }
.tick-middle { text-anchor: middle; }
svg .value { font-weight: 700; }
nav ul { list-style: none; margin: .5rem 0; padding: 0; }
@page { margin: 15mm 14mm 16mm; }
@media print {
  html { font-size: 10.5px; }
  body { max-width: none; padding: 0; }
  h2 { margin-top: 1.75rem; padding-top: 1rem; }
  a { color: inherit; text-decoration: none; }
  summary { color: inherit; }
  details::details-content { content-visibility: visible; display: block; }
  .recovered, .held, .none, .same, .read, .mark { print-color-adjust: exact; }
}
@media (max-width: 40rem) { body { padding: 1.25rem 1rem; } h1 { font-size: 1.6rem; } }
";
