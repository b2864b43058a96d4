//! Reads Authentication-Results: whether the mail came from whom it says.
//!
//! Source: RFC 8601; alignment as in RFC 7489: a pass counts for the sender's own domain only. Anybody
//! can write such a header; the one that the business's own server wrote stands on top.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Pass,
    Fail,
    /// Nothing was checked, or only what is another domain's.
    None,
}

/// Judges by the topmost header that `authserv` wrote, or the topmost at all where none is named.
pub(super) fn verdict(headers: &[String], authserv: Option<&str>, sender: Option<&str>) -> Verdict {
    let trusted = headers
        .iter()
        .map(|header| parts(header))
        .find(|parts| authserv.is_none_or(|id| authserv_id(parts).eq_ignore_ascii_case(id)));
    let Some(parts) = trusted else {
        return Verdict::None;
    };
    let results: Vec<Outcome> = parts
        .iter()
        .skip(1)
        .filter_map(|part| Outcome::read(part))
        .collect();
    let domain = sender
        .and_then(|address| address.rsplit_once('@'))
        .map(|(_, domain)| domain);
    let has = |method: &str, words: &[&str]| {
        results
            .iter()
            .any(|result| result.method == method && words.contains(&result.word.as_str()))
    };
    let passes = |method: &str| {
        results
            .iter()
            .any(|result| result.method == method && result.word == "pass" && result.is_aligned(domain))
    };
    if has("dmarc", &["fail"]) {
        return Verdict::Fail;
    }
    if has("dmarc", &["pass"]) || passes("dkim") {
        return Verdict::Pass;
    }
    let is_signed = has("dkim", &["pass"]);
    if !is_signed && (has("dkim", &["fail", "permerror"]) || has("spf", &["fail"])) {
        return Verdict::Fail;
    }
    if passes("spf") {
        Verdict::Pass
    } else {
        Verdict::None
    }
}

/// The server that wrote the topmost header, in lower case.
pub(super) fn server(headers: &[String]) -> Option<String> {
    let id = authserv_id(&parts(headers.first()?)).to_ascii_lowercase();
    (!id.is_empty()).then_some(id)
}

/// One method's result: `dkim=pass header.d=shop.example`.
struct Outcome {
    method: String,
    word: String,
    /// The domain that was checked, where it is told.
    domain: Option<String>,
}

impl Outcome {
    fn read(part: &str) -> Option<Self> {
        let lower = part.to_ascii_lowercase();
        let (method, rest) = lower.split_once('=')?;
        let method = method.split('/').next().unwrap_or_default().trim().to_owned();
        let word = rest.split_ascii_whitespace().next()?.to_owned();
        let domain = rest
            .split_ascii_whitespace()
            .filter_map(|property| property.split_once('='))
            .find(|(name, _)| matches!(*name, "header.d" | "header.i" | "smtp.mailfrom" | "smtp.mail"))
            .map(|(_, value)| {
                let value = value.trim_matches(['"', '<', '>']);
                value
                    .rsplit_once('@')
                    .map_or(value, |(_, domain)| domain)
                    .to_owned()
            });
        Some(Self { method, word, domain })
    }

    /// The domain checked is the sender's, or one is part of the other.
    fn is_aligned(&self, sender: Option<&str>) -> bool {
        let (Some(checked), Some(sender)) = (self.domain.as_deref(), sender) else {
            return true;
        };
        let is_under = |inner: &str, outer: &str| {
            inner
                .strip_suffix(outer)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        !checked.is_empty() && (is_under(checked, sender) || is_under(sender, checked))
    }
}

/// The header cut at its semicolons, comments left out.
fn parts(header: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut comment_depth, mut is_quoted) = (0_usize, false);
    for char in header.chars() {
        match char {
            '"' if comment_depth == 0 => is_quoted = !is_quoted,
            '(' if !is_quoted => comment_depth += 1,
            ')' if !is_quoted => comment_depth = comment_depth.saturating_sub(1),
            ';' if !is_quoted && comment_depth == 0 => parts.push(String::new()),
            char if comment_depth == 0 => {
                if let Some(part) = parts.last_mut() {
                    part.push(char);
                }
            }
            _ => {}
        }
    }
    parts
}

/// The first word; a version may follow it.
fn authserv_id(parts: &[String]) -> &str {
    parts
        .first()
        .and_then(|part| part.split_ascii_whitespace().next())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(headers: &[&str], authserv: Option<&str>) -> Verdict {
        let headers: Vec<String> = headers.iter().map(|&header| header.to_owned()).collect();
        verdict(&headers, authserv, Some("desk@shop.example"))
    }

    #[test]
    fn only_the_topmost_header_of_the_named_server_counts() {
        let headers = [
            "mx.far.example; dmarc=fail",
            "mx.shop.example 1; dmarc=pass",
            "mx.shop.example; dmarc=fail",
        ];
        assert_eq!(judge(&headers, Some("MX.shop.example")), Verdict::Pass);
        assert_eq!(judge(&headers, None), Verdict::Fail);
        assert_eq!(judge(&headers, Some("mx.other.example")), Verdict::None);
    }

    #[test]
    fn a_pass_of_another_domain_is_no_pass() {
        assert_eq!(
            judge(&["mx; dkim=pass header.d=bulk.example; spf=fail"], None),
            Verdict::None
        );
        assert_eq!(
            judge(&["mx; spf=pass smtp.mailfrom=x@bulk.example"], None),
            Verdict::None
        );
        assert_eq!(
            judge(&["mx; spf=pass smtp.mailfrom=x@mail.shop.example"], None),
            Verdict::Pass
        );
        assert_eq!(
            judge(&["mx; spf=pass smtp.mailfrom=x@notshop.example"], None),
            Verdict::None
        );
    }

    #[test]
    fn a_failed_check_fails_unless_a_signature_holds() {
        assert_eq!(
            judge(&["mx; dkim=fail (dmarc=pass; ok); spf=pass"], None),
            Verdict::Fail
        );
        assert_eq!(
            judge(&["mx; dkim=pass header.i=@shop.example; spf=fail"], None),
            Verdict::Pass
        );
        assert_eq!(judge(&["mx; spf=softfail"], None), Verdict::None);
        assert_eq!(judge(&["mx; none"], None), Verdict::None);
        assert_eq!(judge(&[], None), Verdict::None);
    }
}
