//! Reads microdata (`itemscope`, `itemprop`) into the tree that the same statement in JSON-LD would give.

use super::super::json::Json;
use super::lines::DEPTH_MAX;
use scraper::{ElementRef, Html, Node};

/// The outermost things of a page.
pub(super) fn things(page: &Html) -> Vec<Json> {
    let mut found = Vec::new();
    find(page.root_element(), 0, &mut found);
    found
}

fn find(element: ElementRef<'_>, depth: usize, found: &mut Vec<Json>) {
    if element.attr("itemscope").is_some() {
        found.push(thing(element, depth));
    } else if depth < DEPTH_MAX {
        for child in element.child_elements() {
            find(child, depth + 1, found);
        }
    }
}

fn thing(element: ElementRef<'_>, depth: usize) -> Json {
    let mut entries = Vec::new();
    if let Some(kind) = element.attr("itemtype") {
        entries.push(("@type".to_owned(), Json::Text(kind.trim().to_owned())));
    }
    collect(element, depth, &mut entries);
    Json::Map(entries)
}

fn collect(parent: ElementRef<'_>, depth: usize, entries: &mut Vec<(String, Json)>) {
    if depth >= DEPTH_MAX {
        return;
    }
    for element in parent.child_elements() {
        let is_thing = element.attr("itemscope").is_some();
        if let Some(names) = element.attr("itemprop") {
            let value = if is_thing {
                thing(element, depth + 1)
            } else {
                Json::Text(value(element))
            };
            for name in names.split_ascii_whitespace() {
                entries.push((name.to_owned(), value.clone()));
            }
        }
        if !is_thing {
            collect(element, depth + 1, entries);
        }
    }
}

/// A property's value, where the standard says that it stands.
fn value(element: ElementRef<'_>) -> String {
    let attribute = match element.value().name() {
        "meta" => Some("content"),
        "a" | "area" | "link" => Some("href"),
        "img" | "audio" | "video" | "source" | "embed" | "iframe" => Some("src"),
        "time" => Some("datetime"),
        "data" | "meter" => Some("value"),
        _ => None,
    };
    let stated = element
        .attr("content")
        .or_else(|| attribute.and_then(|name| element.attr(name)));
    stated.map_or_else(|| text(element), |value| value.trim().to_owned())
}

fn text(element: ElementRef<'_>) -> String {
    let words: Vec<&str> = element
        .descendants()
        .filter_map(|node| match node.value() {
            Node::Text(text) => Some(&*text.text),
            _ => None,
        })
        .flat_map(str::split_ascii_whitespace)
        .collect();
    words.join(" ")
}
