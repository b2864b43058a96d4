//! Cuts an `.ics` file into its calendars, zones and events, each where it stands, and passes over damage.

/// A stretch of the file, unparsed.
pub(super) struct Block {
    pub offset: u64,
    pub text: String,
}

/// One `VCALENDAR`; a file may hold several.
#[derive(Default)]
pub(super) struct Calendar {
    /// The calendar's own lines, still folded ones joined.
    pub properties: Vec<String>,
    pub zones: Vec<String>,
    pub events: Vec<Block>,
}

#[derive(Default)]
pub(super) struct File {
    pub calendars: Vec<Calendar>,
    /// Offset and message.
    pub problems: Vec<(u64, String)>,
}

/// Cuts a file. An event that ends before its end is told, and its calendar goes on behind it.
pub(super) fn cut(bytes: &[u8]) -> File {
    let mut file = File::default();
    let mut open: Option<(Kind, Block)> = None;
    let mut offset = 0;
    for raw in bytes.split_inclusive(|byte| *byte == b'\n') {
        let at = offset as u64;
        offset += raw.len();
        let line = String::from_utf8_lossy(raw);
        if let std::borrow::Cow::Owned(_) = line {
            file.problems.push((at, "the text is not UTF-8".to_owned()));
        }
        let line = line.trim_start_matches('\u{feff}');
        let word = line.trim_end().to_ascii_uppercase();
        let begun = match word.as_str() {
            "BEGIN:VEVENT" => Some(Kind::Event),
            "BEGIN:VTIMEZONE" => Some(Kind::Zone),
            "BEGIN:VTODO" | "BEGIN:VJOURNAL" | "BEGIN:VFREEBUSY" => Some(Kind::Other),
            "BEGIN:VCALENDAR" | "END:VCALENDAR" => {
                file.unfinished(open.take());
                if word.starts_with('B') {
                    file.calendars.push(Calendar::default());
                }
                continue;
            }
            _ => None,
        };
        if let Some(kind) = begun {
            file.unfinished(open.take());
            open = Some((
                kind,
                Block {
                    offset: at,
                    text: String::new(),
                },
            ));
        }
        match &mut open {
            Some((kind, block)) => {
                block.text.push_str(line);
                if Some(word.as_str()) == kind.end() {
                    file.finished(open.take());
                }
            }
            None => file.property(line),
        }
    }
    file.unfinished(open);
    file
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Event,
    Zone,
    /// Tasks and notes are no events.
    Other,
}

impl Kind {
    /// The line that closes it; one of the others ends with whatever is begun next.
    fn end(self) -> Option<&'static str> {
        match self {
            Self::Event => Some("END:VEVENT"),
            Self::Zone => Some("END:VTIMEZONE"),
            Self::Other => None,
        }
    }
}

impl File {
    fn calendar(&mut self) -> &mut Calendar {
        if self.calendars.is_empty() {
            self.calendars.push(Calendar::default());
        }
        self.calendars.last_mut().expect("one was just made sure of")
    }

    fn property(&mut self, line: &str) {
        let calendar = self.calendar();
        match (line.strip_prefix([' ', '\t']), calendar.properties.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest.trim_end()),
            _ => calendar.properties.push(line.trim_end().to_owned()),
        }
    }

    fn finished(&mut self, block: Option<(Kind, Block)>) {
        match block {
            Some((Kind::Event, block)) => self.calendar().events.push(block),
            Some((Kind::Zone, block)) => self.calendar().zones.push(block.text),
            _ => {}
        }
    }

    fn unfinished(&mut self, block: Option<(Kind, Block)>) {
        if let Some((Kind::Event, block)) = block {
            let message = "an event ends before its end, and was left out".to_owned();
            self.problems.push((block.offset, message));
        }
    }
}
