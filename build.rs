//! Tells the program what it was built of, so that it takes over nothing that another build of it worked out.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

fn main() {
    let mut hasher = DefaultHasher::new();
    for root in ["src", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={root}");
        for file in files(Path::new(root)) {
            file.hash(&mut hasher);
            fs::read(&file).expect("a readable source").hash(&mut hasher);
        }
    }
    println!("cargo::rustc-env=REBOOK_BUILT_OF={:016x}", hasher.finish());
}

/// All files at or below a path, sorted; none where nothing is there.
fn files(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(path) else {
        return path.is_file().then(|| path.to_path_buf()).into_iter().collect();
    };
    let mut found: Vec<PathBuf> = entries
        .flat_map(|entry| files(&entry.expect("a readable folder").path()))
        .collect();
    found.sort();
    found
}
