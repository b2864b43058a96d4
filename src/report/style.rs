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
