//! Charts as inline SVG: bars by day with what was expected, and bars by kind.
//!
//! Each is drawn in black, white, one hue and two hatchings, so that it is the same in print and to every eye; every bar
//! says its number to whoever points at it, and the numbers stand in a table beneath.

use super::html::Html;
use chrono::{Datelike, NaiveDate};

const WIDTH: f64 = 960.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 8.0;
const PLOT: f64 = 190.0;
const TOP: f64 = 12.0;
const STRIP: f64 = 26.0;
const STRIP_GAP: f64 = 22.0;

/// One layer of the stacked bars.
pub(super) struct Series {
    pub label: &'static str,
    /// A class of the style sheet, which gives the fill.
    pub class: &'static str,
    pub values: Vec<f64>,
}

/// A row of small bars beneath, each source on its own scale.
pub(super) struct Strip {
    pub label: String,
    pub values: Vec<u64>,
}

pub(super) struct DayChart<'a> {
    pub title: &'a str,
    /// What a reader who cannot see it is told.
    pub description: &'a str,
    pub dates: &'a [NaiveDate],
    /// Bars stand for weeks that begin on these dates.
    pub by_week: bool,
    pub series: &'a [Series],
    pub expected: Option<&'a [f64]>,
    pub strips: &'a [Strip],
    /// How a value is written.
    pub value: &'a dyn Fn(f64) -> String,
}

impl DayChart<'_> {
    pub fn draw(&self, html: &mut Html) {
        if self.dates.is_empty() {
            return;
        }
        self.legend(html);
        let count = self.dates.len();
        let step = (WIDTH - LEFT - RIGHT) / count as f64;
        let height = TOP + PLOT + 24.0 + self.strips.len() as f64 * (STRIP + STRIP_GAP);
        let view = format!("0 0 {WIDTH} {height:.0}");
        let label = format!("{}. {}", self.title, self.description);
        html.tag(
            "svg",
            &[
                ("viewBox", &view),
                ("role", "img"),
                ("aria-label", &label),
                ("class", "chart"),
            ],
            |html| {
                let top = self.top();
                grid(top, self.value, html);
                months(self.dates, step, TOP + PLOT, html);
                for at in 0..count {
                    self.bar(at, step, top, html);
                }
                for (index, strip) in self.strips.iter().enumerate() {
                    let y = TOP + PLOT + 24.0 + index as f64 * (STRIP + STRIP_GAP) + STRIP_GAP - 6.0;
                    self.strip(strip, y, step, html);
                }
            },
        );
    }

    /// The end of the scale: a round number at or above the highest bar.
    fn top(&self) -> f64 {
        let total = |at: usize| self.series.iter().map(|series| series.values[at]).sum::<f64>();
        let mut highest = (0..self.dates.len()).map(total).fold(0.0, f64::max);
        if let Some(expected) = self.expected {
            highest = expected.iter().copied().fold(highest, f64::max);
        }
        round_up(highest)
    }

    fn legend(&self, html: &mut Html) {
        html.tag("ul", &[("class", "legend")], |html| {
            for series in self.series {
                html.tag("li", &[], |html| {
                    swatch(series.class, html);
                    html.text(series.label);
                });
            }
            if self.expected.is_some() {
                html.tag("li", &[], |html| {
                    swatch("mark", html);
                    html.text("expected");
                });
            }
        });
    }

    fn when(&self, at: usize) -> String {
        let date = self.dates[at].format("%a %-d %b %Y");
        if self.by_week {
            format!("week from {date}")
        } else {
            date.to_string()
        }
    }

    fn bar(&self, at: usize, step: f64, top: f64, html: &mut Html) {
        let x = LEFT + at as f64 * step + step * 0.1;
        let width = step * 0.8;
        let mut y = TOP + PLOT;
        for series in self.series {
            let value = series.values[at];
            if value <= 0.0 {
                continue;
            }
            let height = value / top * PLOT;
            y -= height;
            let told = format!("{}: {} {}", self.when(at), (self.value)(value), series.label);
            rect(series.class, x, y, width, height, &told, html);
        }
        if let Some(expected) = self.expected {
            let y = TOP + PLOT - expected[at] / top * PLOT;
            let told = format!("{}: {} expected", self.when(at), (self.value)(expected[at]));
            rect("mark", LEFT + at as f64 * step, y - 1.0, step, 2.0, &told, html);
        }
    }

    fn strip(&self, strip: &Strip, y: f64, step: f64, html: &mut Html) {
        let highest = strip.values.iter().copied().max().unwrap_or(0).max(1) as f64;
        let words = format!(
            "{}: records read, by the day on which they were made",
            strip.label
        );
        label("strip", LEFT, y - 4.0, &words, html);
        line("axis", LEFT, y + STRIP, WIDTH - RIGHT, y + STRIP, html);
        for (at, value) in strip.values.iter().enumerate() {
            if *value == 0 {
                continue;
            }
            let height = (*value as f64 / highest * STRIP).max(1.5);
            let told = format!("{}: {value} records of {}", self.when(at), strip.label);
            rect(
                "read",
                LEFT + at as f64 * step + step * 0.1,
                y + STRIP - height,
                step * 0.8,
                height,
                &told,
                html,
            );
        }
    }
}

/// The smallest of 1, 2, 5, 10, 20, … that is not below.
fn round_up(highest: f64) -> f64 {
    let mut scale = 1.0;
    loop {
        for factor in [1.0, 2.0, 4.0, 5.0] {
            if factor * scale >= highest {
                return factor * scale;
            }
        }
        scale *= 10.0;
    }
}

fn grid(top: f64, value: &dyn Fn(f64) -> String, html: &mut Html) {
    // Counts are whole: a scale up to 1 has no half.
    let parts: &[f64] = if top <= 1.0 { &[0.0, 1.0] } else { &[0.0, 0.5, 1.0] };
    for part in parts {
        let y = TOP + PLOT * (1.0 - part);
        line(
            if *part == 0.0 { "axis" } else { "grid" },
            LEFT,
            y,
            WIDTH - RIGHT,
            y,
            html,
        );
        label("tick-y", LEFT - 6.0, y + 4.0, &value(top * part), html);
    }
}

/// The first day of each month, or every so many of them.
fn months(dates: &[NaiveDate], step: f64, y: f64, html: &mut Html) {
    let firsts: Vec<usize> = (0..dates.len())
        .filter(|at| *at == 0 || dates[*at].month() != dates[*at - 1].month())
        .collect();
    let every = firsts.len().div_ceil(14);
    let mut free_from = 0.0;
    for at in firsts.into_iter().step_by(every) {
        let x = LEFT + at as f64 * step;
        let text = if at == 0 || dates[at].month() == 1 {
            dates[at].format("%-d %b %Y").to_string()
        } else {
            dates[at].format("%-d %b").to_string()
        };
        line("axis", x, y, x, y + 5.0, html);
        if x >= free_from {
            label("tick-x", x, y + 18.0, &text, html);
            free_from = x + 7.0 * text.chars().count() as f64 + 8.0;
        }
    }
}

/// A bar for each kind, longest first, with its number beside it.
pub(super) fn kinds(title: &str, rows: &[(String, u64)], html: &mut Html) {
    const ROW: f64 = 30.0;
    const NAMES: f64 = 380.0;
    let highest = rows.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1) as f64;
    let view = format!("0 0 {WIDTH} {:.0}", ROW * rows.len() as f64 + 4.0);
    html.tag(
        "svg",
        &[
            ("viewBox", &view),
            ("role", "img"),
            ("aria-label", title),
            ("class", "chart"),
        ],
        |html| {
            for (at, (name, count)) in rows.iter().enumerate() {
                let y = at as f64 * ROW + 4.0;
                label("kind", NAMES - 10.0, y + 16.0, name, html);
                let width = *count as f64 / highest * (WIDTH - NAMES - 60.0);
                rect(
                    "held",
                    NAMES,
                    y,
                    width,
                    ROW - 9.0,
                    &format!("{count} × {name}"),
                    html,
                );
                label("value", NAMES + width + 8.0, y + 16.0, &count.to_string(), html);
            }
        },
    );
}

/// What each comparison told, in bits to either side of nothing; the paler bar is the next best's.
pub(super) fn waterfall(title: &str, rows: &[(&str, i64, Option<i64>)], html: &mut Html) {
    const ROW: f64 = 26.0;
    const MIDDLE: f64 = 520.0;
    const BIT: f64 = 14.0;
    let view = format!("0 0 {WIDTH} {:.0}", ROW * rows.len() as f64 + 4.0);
    let drawn = |class: &str, y: f64, height: f64, millibits: i64, html: &mut Html| {
        let width = (millibits.abs() as f64 / 1000.0).min(24.0) * BIT;
        let x = if millibits < 0 { MIDDLE - width } else { MIDDLE };
        rect(class, x, y, width, height, &bits(millibits), html);
    };
    html.tag(
        "svg",
        &[
            ("viewBox", &view),
            ("role", "img"),
            ("aria-label", title),
            ("class", "chart"),
        ],
        |html| {
            for (at, (name, here, there)) in rows.iter().enumerate() {
                let y = at as f64 * ROW + 4.0;
                label("kind", 110.0, y + 14.0, name, html);
                drawn("recovered", y, 11.0, *here, html);
                if let Some(there) = there {
                    drawn("same", y + 11.0, 7.0, *there, html);
                }
                label("value", WIDTH - 80.0, y + 14.0, &bits(*here), html);
            }
            line("axis", MIDDLE, 0.0, MIDDLE, ROW * rows.len() as f64, html);
        },
    );
}

/// Thousandths as bits with their sign.
fn bits(millibits: i64) -> String {
    format!("{:+.1} bits", millibits as f64 / 1000.0)
}

/// Shares of a whole side by side.
pub(super) fn shares(title: &str, parts: &[(&'static str, &'static str, u64)], html: &mut Html) {
    let total = parts.iter().map(|(_, _, count)| count).sum::<u64>().max(1) as f64;
    html.tag("ul", &[("class", "legend")], |html| {
        for (class, name, count) in parts {
            html.tag("li", &[], |html| {
                swatch(class, html);
                html.text(&format!("{count} {name}"));
            });
        }
    });
    html.tag(
        "svg",
        &[
            ("viewBox", "0 0 960 34"),
            ("role", "img"),
            ("aria-label", title),
            ("class", "chart"),
        ],
        |html| {
            let mut x = 0.0;
            for (class, name, count) in parts {
                let width = *count as f64 / total * WIDTH;
                if width > 0.0 {
                    rect(
                        class,
                        x,
                        2.0,
                        (width - 2.0).max(1.0),
                        30.0,
                        &format!("{count} {name}"),
                        html,
                    );
                }
                x += width;
            }
        },
    );
}

/// An estimate with its interval between 0 and 100 %.
pub(super) fn interval(title: &str, lower: f64, share: f64, upper: f64, html: &mut Html) {
    const Y: f64 = 34.0;
    // A scale that begins near the interval shows it; it says where it begins.
    let from = if lower >= 0.8 {
        0.8
    } else if lower >= 0.5 {
        0.5
    } else {
        0.0
    };
    let x = |value: f64| 40.0 + (value - from) / (1.0 - from) * (WIDTH - 80.0);
    html.tag(
        "svg",
        &[
            ("viewBox", "0 0 960 76"),
            ("role", "img"),
            ("aria-label", title),
            ("class", "chart"),
        ],
        |html| {
            line("axis", x(from), Y, x(1.0), Y, html);
            for tenth in 0..=4 {
                let value = from + (1.0 - from) * f64::from(tenth) / 4.0;
                line("axis", x(value), Y, x(value), Y + 6.0, html);
                label(
                    "tick-middle",
                    x(value),
                    Y + 24.0,
                    &format!("{:.0} %", value * 100.0),
                    html,
                );
            }
            let told = format!("between {:.1} and {:.1} %", lower * 100.0, upper * 100.0);
            rect(
                "recovered",
                x(lower),
                Y - 7.0,
                x(upper) - x(lower),
                14.0,
                &told,
                html,
            );
            rect(
                "mark",
                x(share) - 2.0,
                Y - 14.0,
                4.0,
                28.0,
                &format!("{:.1} %", share * 100.0),
                html,
            );
            label(
                "tick-middle",
                x(lower),
                Y - 14.0,
                &format!("{:.1} %", (lower * 1000.0).floor() / 10.0),
                html,
            );
        },
    );
}

fn swatch(class: &'static str, html: &mut Html) {
    html.tag(
        "svg",
        &[
            ("viewBox", "0 0 18 14"),
            ("class", "swatch"),
            ("aria-hidden", "true"),
        ],
        |html| {
            let (y, height) = if class == "mark" { (6.0, 2.0) } else { (1.0, 12.0) };
            rect(class, 1.0, y, 16.0, height, "", html);
        },
    );
}

/// The fills that are more than a colour; on a page once, before the first chart.
pub(super) fn fills(html: &mut Html) {
    html.tag(
        "svg",
        &[
            ("class", "fills"),
            ("aria-hidden", "true"),
            ("width", "0"),
            ("height", "0"),
        ],
        |html| {
            html.tag("defs", &[], |html| {
                hatch("hatch", "0", "45", html);
                hatch("dots", "1", "0", html);
            });
        },
    );
}

fn hatch(id: &'static str, kind: &str, turn: &str, html: &mut Html) {
    let transform = format!("rotate({turn})");
    html.tag(
        "pattern",
        &[
            ("id", id),
            ("width", "6"),
            ("height", "6"),
            ("patternUnits", "userSpaceOnUse"),
            ("patternTransform", &transform),
        ],
        |html| {
            html.void("rect", &[("width", "6"), ("height", "6"), ("class", "paper")]);
            if kind == "0" {
                html.void("rect", &[("width", "3"), ("height", "6"), ("class", "ink-held")]);
            } else {
                html.void(
                    "circle",
                    &[("cx", "3"), ("cy", "3"), ("r", "1.2"), ("class", "ink-none")],
                );
            }
        },
    );
}

fn rect(class: &str, x: f64, y: f64, width: f64, height: f64, told: &str, html: &mut Html) {
    let number = |value: f64| format!("{value:.1}");
    html.tag(
        "rect",
        &[
            ("class", class),
            ("x", &number(x)),
            ("y", &number(y)),
            ("width", &number(width)),
            ("height", &number(height)),
        ],
        |html| {
            if !told.is_empty() {
                html.line("title", &[], told);
            }
        },
    );
}

fn line(class: &str, x1: f64, y1: f64, x2: f64, y2: f64, html: &mut Html) {
    let number = |value: f64| format!("{value:.1}");
    html.void(
        "line",
        &[
            ("class", class),
            ("x1", &number(x1)),
            ("y1", &number(y1)),
            ("x2", &number(x2)),
            ("y2", &number(y2)),
        ],
    );
}

fn label(class: &str, x: f64, y: f64, text: &str, html: &mut Html) {
    html.line(
        "text",
        &[
            ("class", class),
            ("x", &format!("{x:.1}")),
            ("y", &format!("{y:.1}")),
        ],
        text,
    );
}

#[cfg(test)]
mod tests {
    use super::round_up;

    #[test]
    fn a_scale_ends_on_a_round_number() {
        assert!((round_up(0.0) - 1.0).abs() < 1e-9);
        assert!((round_up(3.0) - 4.0).abs() < 1e-9);
        assert!((round_up(47.0) - 50.0).abs() < 1e-9);
        assert!((round_up(1234.0) - 2000.0).abs() < 1e-9);
    }
}
