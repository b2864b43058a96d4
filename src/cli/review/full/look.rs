//! How things look: by weight first, and by the terminal's own colours, so that a dark and a light one both read.

use ratatui::style::{Color, Modifier, Style};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colors {
    Sixteen,
    /// NO_COLOR, or a terminal without any: weight alone tells.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Bold,
    Dim,
    Bar,
    Title,
    /// The value where it stands.
    Hit,
    Differs,
    Strong,
    Medium,
    Weak,
    Urgent,
}

impl Look {
    pub fn style(self, colors: Colors) -> Style {
        let style = Style::default();
        let (style, color) = match self {
            Self::Plain => (style, None),
            Self::Bold => (style.add_modifier(Modifier::BOLD), None),
            Self::Dim => (style.add_modifier(Modifier::DIM), None),
            Self::Bar => (style.add_modifier(Modifier::REVERSED), None),
            Self::Title => (style.add_modifier(Modifier::BOLD), Some(Color::Cyan)),
            Self::Hit => (style.add_modifier(Modifier::BOLD | Modifier::REVERSED), None),
            Self::Differs | Self::Urgent => (style.add_modifier(Modifier::BOLD), Some(Color::Red)),
            Self::Strong => (style.add_modifier(Modifier::BOLD), Some(Color::Green)),
            Self::Medium => (style.add_modifier(Modifier::BOLD), Some(Color::Blue)),
            Self::Weak => (style.add_modifier(Modifier::BOLD), Some(Color::Magenta)),
        };
        match (color, colors) {
            (Some(color), Colors::Sixteen) => style.fg(color),
            _ => style,
        }
    }
}
