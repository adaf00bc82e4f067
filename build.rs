//! Stops with one line when the styles and scripts have not been built.

fn main() {
    println!("cargo::rerun-if-changed=static/dist");
    println!("cargo::rerun-if-changed=static/icons");
    println!("cargo::rerun-if-changed=migrations");
    if !std::path::Path::new("static/dist/app.css").exists() {
        println!("cargo::error=the styles and scripts are not built yet: run `make assets` first");
    }
}
