//! The frame, axes and marks that the plots share.

use std::fmt::Write as _;

/// Width of a plot's picture.
pub(crate) const WIDTH: f64 = 640.0;
/// Its height.
pub(crate) const HEIGHT: f64 = 400.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 52.0;

/// A plane with two axes.
pub(crate) struct Plot {
    /// Values at the left and the right edge.
    pub(crate) x: (f64, f64),
    /// Values at the lower and the upper edge.
    pub(crate) y: (f64, f64),
}

impl Plot {
    /// The place of a point.
    pub(crate) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let share = |value: f64, (low, high): (f64, f64)| (value - low) / (high - low);
        let across = LEFT + share(x, self.x) * (WIDTH - LEFT - RIGHT);
        let down = HEIGHT - BOTTOM - share(y, self.y) * (HEIGHT - TOP - BOTTOM);
        (across, down)
    }

    /// The picture up to its axes' names; the caller ends it.
    pub(crate) fn begin(title: &str, x: &str, y: &str) -> String {
        format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">\
             <rect class=\"plane\" x=\"{LEFT}\" y=\"{TOP}\" width=\"{}\" height=\"{}\"/>\
             <text class=\"axis\" x=\"{}\" y=\"{}\">{x}</text>\
             <text class=\"axis\" transform=\"translate(16 {}) rotate(-90)\">{y}</text>",
            WIDTH - LEFT - RIGHT,
            HEIGHT - TOP - BOTTOM,
            f64::midpoint(LEFT, WIDTH - RIGHT),
            HEIGHT - 12.0,
            f64::midpoint(TOP, HEIGHT - BOTTOM),
        )
    }

    pub(crate) fn tick_x(&self, svg: &mut String, value: f64, label: &str) {
        let (x, _) = self.at(value, self.y.0);
        let (x, bottom) = (number(x), HEIGHT - BOTTOM);
        // Writing to a string does not fail, here and below.
        write!(
            svg,
            "<path class=\"grid\" d=\"M{x} {TOP}V{bottom}\"/>\
             <text class=\"tick\" x=\"{x}\" y=\"{}\">{label}</text>",
            bottom + 16.0
        )
        .ok();
    }

    pub(crate) fn tick_y(&self, svg: &mut String, value: f64, label: &str) {
        let (_, y) = self.at(self.x.0, value);
        write!(
            svg,
            "<path class=\"grid\" d=\"M{LEFT} {}H{}\"/>\
             <text class=\"tick left\" x=\"{}\" y=\"{}\">{label}</text>",
            number(y),
            WIDTH - RIGHT,
            LEFT - 6.0,
            number(y + 4.0)
        )
        .ok();
    }

    /// A dashed line at a value of the horizontal axis, with its name above.
    pub(crate) fn mark_x(&self, svg: &mut String, value: f64, name: &str) {
        let (x, _) = self.at(value, self.y.0);
        let class = if name == "kiosk" { "kiosk" } else { "mark" };
        // Two marks that are close have their names at different heights.
        let height = if name == "kiosk" { TOP - 18.0 } else { TOP - 5.0 };
        write!(
            svg,
            "<path class=\"{class}\" d=\"M{x} {TOP}V{}\"/>\
             <text class=\"tick\" x=\"{x}\" y=\"{height}\">{name} {value:.4}</text>",
            HEIGHT - BOTTOM,
            x = number(x)
        )
        .ok();
    }

    /// What the colours mean: pairs of class and name.
    pub(crate) fn key(svg: &mut String, names: &[(&str, &str)]) {
        for (line, (class, name)) in (0_u32..).zip(names) {
            let y = TOP + 14.0 + 18.0 * f64::from(line);
            write!(
                svg,
                "<rect class=\"swatch {class}\" x=\"{}\" y=\"{}\" width=\"12\" height=\"12\"/>\
                 <text class=\"key\" x=\"{}\" y=\"{y}\">{name}</text>",
                WIDTH - RIGHT - 170.0,
                y - 10.0,
                WIDTH - RIGHT - 152.0
            )
            .ok();
        }
    }
}

/// A coordinate with one digit after the point.
pub(crate) fn number(value: f64) -> String {
    format!("{value:.1}")
}

/// Text inside a page, or inside an attribute between double quotes.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            letter => safe.push(letter),
        }
    }
    safe
}
