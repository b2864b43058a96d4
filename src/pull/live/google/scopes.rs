//! What a Google token may do, told by its scopes. Source: Google's list of OAuth 2.0 scopes.

use super::super::LiveError;

pub const EVENTS: &str = "https://www.googleapis.com/auth/calendar.events.readonly";
pub const LIST: &str = "https://www.googleapis.com/auth/calendar.calendarlist.readonly";
/// Both of the above, and the calendars' own settings.
const ALL_READ: &str = "https://www.googleapis.com/auth/calendar.readonly";
/// What is asked for where the program asks itself.
pub const WANTED: [&str; 2] = [EVENTS, LIST];

/// Scopes that change nothing although they do not end in `.readonly`: who somebody is, and when they are busy.
const HARMLESS: [&str; 7] = [
    "openid",
    "email",
    "profile",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/userinfo.profile",
    "https://www.googleapis.com/auth/calendar.freebusy",
    "https://www.googleapis.com/auth/calendar.events.freebusy",
];

/// How to get a token that can do no more than read.
const NARROWER: &str = "get one for calendar.events.readonly and calendar.calendarlist.readonly alone: with login or \
                        service_account the program asks for these two itself; docs/sources.md shows each way";

/// Whether the calendars of an account may be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    pub may_list: bool,
}

/// Refuses a token that could write, or cannot read. `scopes` are separated by spaces.
pub fn judge(scopes: &str) -> Result<Granted, LiveError> {
    let scopes: Vec<&str> = scopes.split_ascii_whitespace().collect();
    let writes: Vec<&str> = scopes
        .iter()
        .copied()
        .filter(|scope| !scope.ends_with(".readonly") && !HARMLESS.contains(scope))
        .collect();
    if !writes.is_empty() {
        return Err(LiveError::setup(
            format!("the Google token can do more than read: {}", writes.join(", ")),
            NARROWER,
        ));
    }
    if !scopes.iter().any(|scope| [EVENTS, ALL_READ].contains(scope)) {
        return Err(LiveError::setup(
            format!(
                "the Google token may not read events: it was given for {}",
                if scopes.is_empty() {
                    "nothing".to_owned()
                } else {
                    scopes.join(", ")
                }
            ),
            NARROWER,
        ));
    }
    Ok(Granted {
        may_list: scopes.iter().any(|scope| [LIST, ALL_READ].contains(scope)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_can_write_is_refused_by_name() {
        let base = "https://www.googleapis.com/auth/";
        assert_eq!(judge(&WANTED.join(" ")).ok(), Some(Granted { may_list: true }));
        assert_eq!(
            judge(&format!("openid {EVENTS}")).ok(),
            Some(Granted { may_list: false })
        );
        assert!(judge(ALL_READ).is_ok());
        for scope in [
            "calendar",
            "calendar.events",
            "cloud-platform",
            "calendar.app.created",
        ] {
            let refused = judge(&format!("{EVENTS} {base}{scope}")).expect_err("it can write");
            assert!(refused.to_string().contains(scope), "{refused}");
        }
        assert!(judge("openid email").is_err() && judge("").is_err());
    }
}
