//! Which folders are read: the named ones, or all in which a business's mails lie, each mail once.

use super::super::LiveError;
use imap::types::Names;
use imap_proto::NameAttribute;

/// What a folder is for, by the server's own word. Source: RFC 6154.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    Plain,
    Sent,
    /// Every mail, whatever other folder it is in as well.
    All,
    Drafts,
    Junk,
    Trash,
    /// A selection of what is in other folders.
    Flagged,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// As the server spells it.
    pub wire_name: String,
    /// As people do.
    pub name: String,
    pub use_: Use,
}

/// The folders of a list that can be opened.
pub fn listed(names: &Names) -> Vec<Folder> {
    let mut folders: Vec<Folder> = names
        .iter()
        .filter(|name| !name.attributes().iter().any(cannot_be_opened))
        .map(|name| Folder {
            wire_name: name.name().to_owned(),
            name: decoded(name.name()),
            use_: name.attributes().iter().find_map(use_of).unwrap_or(Use::Plain),
        })
        .collect();
    folders.sort_by(|one, other| one.name.cmp(&other.name));
    folders.dedup();
    folders
}

fn cannot_be_opened(attribute: &NameAttribute<'_>) -> bool {
    match attribute {
        NameAttribute::NoSelect => true,
        NameAttribute::Extension(name) => name.eq_ignore_ascii_case("\\NonExistent"),
        _ => false,
    }
}

fn use_of(attribute: &NameAttribute<'_>) -> Option<Use> {
    Some(match attribute {
        NameAttribute::All => Use::All,
        NameAttribute::Sent => Use::Sent,
        NameAttribute::Drafts => Use::Drafts,
        NameAttribute::Junk => Use::Junk,
        NameAttribute::Trash => Use::Trash,
        NameAttribute::Flagged => Use::Flagged,
        _ => return None,
    })
}

/// The folders to read. `is_gmail`: labels are folders there, and `\All` holds every mail but junk and trash.
pub fn chosen(folders: Vec<Folder>, named: &[String], is_gmail: bool) -> Result<Vec<Folder>, LiveError> {
    let mut chosen: Vec<Folder> = if named.is_empty() {
        let has_all = is_gmail && folders.iter().any(|folder| folder.use_ == Use::All);
        folders
            .into_iter()
            .filter(|folder| match folder.use_ {
                Use::All => has_all,
                Use::Plain | Use::Sent => !has_all,
                // What was never sent is nobody's word; junk and trash are read where they are named.
                Use::Drafts | Use::Junk | Use::Trash | Use::Flagged => false,
            })
            .collect()
    } else {
        named
            .iter()
            .map(|name| find(&folders, name))
            .collect::<Result<_, _>>()?
    };
    if is_gmail && chosen.iter().any(|folder| folder.use_ == Use::All) {
        chosen.retain(|folder| matches!(folder.use_, Use::All | Use::Junk | Use::Trash));
    }
    chosen.sort_by(|one, other| one.name.cmp(&other.name));
    chosen.dedup();
    if chosen.is_empty() {
        return Err(LiveError::setup(
            "there is no folder that could be read",
            "name folders = [\"INBOX\"] in the [[source]]",
        ));
    }
    Ok(chosen)
}

/// `Sent` and the like also mean the folder that the server says is for it, however it is called there.
fn find(folders: &[Folder], name: &str) -> Result<Folder, LiveError> {
    let by_use = |name: &str| {
        let use_ = match name.trim_start_matches('\\').to_ascii_lowercase().as_str() {
            "sent" => Use::Sent,
            "all" => Use::All,
            "drafts" => Use::Drafts,
            "junk" => Use::Junk,
            "trash" => Use::Trash,
            _ => return None,
        };
        folders.iter().find(|folder| folder.use_ == use_)
    };
    let is_inbox = name.eq_ignore_ascii_case("INBOX");
    folders
        .iter()
        .find(|folder| folder.name == name || folder.wire_name == name)
        .or_else(|| {
            folders
                .iter()
                .find(|folder| is_inbox && folder.name.eq_ignore_ascii_case("INBOX"))
        })
        .or_else(|| by_use(name))
        .cloned()
        .ok_or_else(|| {
            let known: Vec<&str> = folders.iter().map(|folder| folder.name.as_str()).collect();
            LiveError::setup(
                format!("the mailbox has no folder \"{name}\""),
                format!("its folders are: {}", known.join(", ")),
            )
        })
}

/// Reads modified UTF-7; a name that is not written in it is kept as it is. Source: RFC 3501, 5.1.3.
pub fn decoded(name: &str) -> String {
    decode(name).unwrap_or_else(|| name.to_owned())
}

fn decode(name: &str) -> Option<String> {
    let mut text = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((plain, shifted)) = rest.split_once('&') {
        text.push_str(plain);
        let (digits, behind) = shifted.split_once('-')?;
        rest = behind;
        if digits.is_empty() {
            text.push('&');
            continue;
        }
        let mut bits = 0_u32;
        let mut filled = 0;
        let mut units = Vec::new();
        for digit in digits.bytes() {
            bits = bits << 6 | u32::from(base64(digit)?);
            filled += 6;
            if filled >= 16 {
                filled -= 16;
                units.push((bits >> filled) as u16);
                bits &= (1 << filled) - 1;
            }
        }
        // Nothing may be left over but the zeros that fill the last digit.
        if filled >= 6 || bits != 0 || units.is_empty() {
            return None;
        }
        text.push_str(&String::from_utf16(&units).ok()?);
    }
    text.push_str(rest);
    Some(text)
}

/// With a comma in place of the slash.
fn base64(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b',' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str, use_: Use) -> Folder {
        Folder {
            wire_name: name.to_owned(),
            name: decoded(name),
            use_,
        }
    }

    fn names(folders: &[Folder]) -> Vec<&str> {
        folders.iter().map(|folder| folder.name.as_str()).collect()
    }

    #[test]
    fn names_are_read_in_any_script() {
        assert_eq!(decoded("Gesendete &- gel&APY-scht"), "Gesendete & gelöscht");
        assert_eq!(
            decoded("~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            "~peter/mail/台北/日本語"
        );
        assert_eq!(decoded("&2D3eAA-"), "😀");
        for odd in ["a & b", "&A-", "&%%-"] {
            assert_eq!(decoded(odd), odd);
        }
    }

    #[test]
    fn every_mail_is_read_once() {
        let gmail = || {
            vec![
                folder("INBOX", Use::Plain),
                folder("Kunden", Use::Plain),
                folder("[Gmail]/All Mail", Use::All),
                folder("[Gmail]/Sent Mail", Use::Sent),
                folder("[Gmail]/Spam", Use::Junk),
            ]
        };
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let choose = |named: &[String], is_gmail| chosen(gmail(), named, is_gmail).expect("folders");
        assert_eq!(names(&choose(&[], true)), ["[Gmail]/All Mail"]);
        assert_eq!(
            names(&choose(&named(&["INBOX", "All", "[Gmail]/Spam"]), true)),
            ["[Gmail]/All Mail", "[Gmail]/Spam"]
        );
        assert_eq!(
            names(&choose(&named(&["inbox", "Sent"]), true)),
            ["INBOX", "[Gmail]/Sent Mail"]
        );
        // Elsewhere a folder of all mails may leave some out: it is not relied on.
        assert_eq!(
            names(&choose(&[], false)),
            ["INBOX", "Kunden", "[Gmail]/Sent Mail"]
        );
        let error = chosen(gmail(), &named(&["Sennt"]), true).expect_err("no such folder");
        assert!(error.hint().contains("Kunden"));
    }
}
