//! Asking again: which answers are worth it, and how long to wait.
//!
//! A server that says when to come back is obeyed. Otherwise the wait doubles, and chance spreads it, so that
//! many who were turned away together do not come back together.

use super::http::{NoAnswer, PAGE_SECONDS};
use super::{LiveError, Post};
use chrono::DateTime;
use hyper::header::{DATE, HeaderMap, RETRY_AFTER};
use std::future::Future;
use std::time::Duration;

/// How long to go on.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub attempts_max: u32,
    /// Before the second attempt, at most; twice that before the third, and so on.
    pub first_wait: Duration,
    pub wait_max: Duration,
    /// For one answer, from the first byte asked to the last byte received.
    pub answer_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts_max: 9,
            first_wait: Duration::from_millis(500),
            wait_max: Duration::from_mins(1),
            answer_wait: Duration::from_secs(PAGE_SECONDS),
        }
    }
}

/// A server that wants more patience than this is not waited for.
const RETRY_AFTER_MAX: Duration = Duration::from_mins(15);
/// Between two looks at whether the work is given up.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What came of one attempt.
#[derive(Debug)]
pub enum Fault<E = LiveError> {
    /// Worth another attempt.
    Passing {
        words: String,
        /// When the server wants to be asked again.
        after: Option<Duration>,
    },
    /// Not worth one.
    Lasting(E),
}

impl<E> Fault<E> {
    pub fn passing(words: impl Into<String>) -> Self {
        Self::Passing {
            words: words.into(),
            after: None,
        }
    }
}

impl<E: From<LiveError>> From<NoAnswer> for Fault<E> {
    fn from(no_answer: NoAnswer) -> Self {
        if no_answer.is_refused {
            return Self::Lasting(LiveError::bug(no_answer.words).into());
        }
        Self::passing(no_answer.words)
    }
}

/// Attempts something until it is done, lasting or given up. `what` completes "could not read …".
pub async fn with_patience<T, E, F>(
    patience: Patience,
    post: &dyn Post,
    what: &str,
    mut attempt: impl FnMut() -> F,
) -> Result<T, E>
where
    E: From<LiveError>,
    F: Future<Output = Result<T, Fault<E>>>,
{
    let mut attempts = 0;
    loop {
        if post.is_cancelled() {
            return Err(LiveError::Cancelled.into());
        }
        let (words, after) = match attempt().await {
            Ok(done) => return Ok(done),
            Err(Fault::Lasting(error)) => return Err(error),
            Err(Fault::Passing { words, after }) => (words, after),
        };
        attempts += 1;
        let is_too_long = after.is_some_and(|after| after > RETRY_AFTER_MAX);
        if attempts >= patience.attempts_max || is_too_long {
            let times = if attempts == 1 {
                "once".to_owned()
            } else {
                format!("{attempts} times")
            };
            return Err(LiveError::service(
                format!("could not read {what}, asked {times}: {words}"),
                "what was read before is kept; run the command again later, it goes on where it stopped",
            )
            .into());
        }
        wait(patience.wait(attempts, after, post.chance()), post).await;
    }
}

impl Patience {
    /// Before attempt `attempts + 1`. A server's own wish is met, and a little chance added behind it.
    pub(super) fn wait(&self, attempts: u32, after: Option<Duration>, chance: f64) -> Duration {
        let doubled = self.first_wait.saturating_mul(1 << (attempts - 1).min(16));
        let ceiling = doubled.min(self.wait_max);
        match after {
            Some(after) => after + self.first_wait.mul_f64(chance),
            None => ceiling.mul_f64(0.5 + chance / 2.0),
        }
    }
}

async fn wait(time: Duration, post: &dyn Post) {
    let mut left = time;
    while !left.is_zero() && !post.is_cancelled() {
        let step = left.min(LOOK_EVERY);
        tokio::time::sleep(step).await;
        left -= step;
    }
}

/// `Retry-After` in seconds or as a date, which is the server's: it is reckoned from the date of the answer, and from this
/// machine's clock only where the answer tells none. A date that has passed says nothing. Source: RFC 9110, section 10.2.3.
pub fn retry_after(headers: &HeaderMap, post: &dyn Post) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text: &str| Some(DateTime::parse_from_rfc2822(text).ok()?.to_utc());
    let told = headers.get(DATE).and_then(|value| value.to_str().ok());
    let now = told.and_then(date).unwrap_or_else(|| post.now());
    (date(text)? - now).to_std().ok().filter(|wait| !wait.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Page;
    use chrono::Utc;

    /// A machine whose clock is a day behind.
    struct Behind;

    impl Post for Behind {
        fn keep(&self, _: Page) -> Result<(), LiveError> {
            Ok(())
        }

        fn expect(&self, _: u64) {}

        fn is_cancelled(&self) -> bool {
            false
        }

        fn now(&self) -> DateTime<Utc> {
            "2026-05-03T10:00:00Z".parse().expect("a moment")
        }

        fn chance(&self) -> f64 {
            0.0
        }
    }

    #[test]
    fn a_date_to_come_back_at_is_reckoned_by_the_servers_own_clock() {
        let wait = |after: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, after.parse().expect("a value"));
            if let Some(date) = date {
                headers.insert(DATE, date.parse().expect("a value"));
            }
            retry_after(&headers, &Behind).map(|wait| wait.as_secs())
        };
        let date = Some("Mon, 04 May 2026 10:00:00 GMT");
        assert_eq!(wait("Mon, 04 May 2026 10:00:07 GMT", date), Some(7));
        assert_eq!(wait("Sun, 03 May 2026 10:00:07 GMT", None), Some(7));
        assert_eq!(wait("12", date), Some(12));
        assert_eq!(wait("0", date), Some(0));
        for nothing in [
            "Mon, 04 May 2026 10:00:00 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "soon",
        ] {
            assert_eq!(wait(nothing, date), None, "{nothing}");
        }
    }

    #[test]
    fn waits_double_up_to_their_limit_and_never_agree() {
        let patience = Patience {
            attempts_max: 9,
            first_wait: Duration::from_secs(1),
            wait_max: Duration::from_secs(6),
            ..Patience::default()
        };
        let least: Vec<f32> = (1..5)
            .map(|n| patience.wait(n, None, 0.0).as_secs_f32())
            .collect();
        assert_eq!(least, [0.5, 1.0, 2.0, 3.0]);
        assert!(patience.wait(3, None, 0.99) > patience.wait(3, None, 0.01));
        assert_eq!(
            patience.wait(1, Some(Duration::from_secs(7)), 0.0),
            Duration::from_secs(7)
        );
        assert!(patience.wait(9, Some(Duration::from_secs(7)), 0.5) >= Duration::from_secs(7));
    }
}
