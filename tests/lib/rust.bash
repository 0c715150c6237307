# Programs in Rust. Load it after lib/bed.

# rust_build SOURCE PROGRAM: where there is a compiler, and then it must succeed. rustup finds its own
# by the home directory of the user, which is not the test's.
rust_build() {
    type -P rustc >/dev/null || return 0
    HOME=$(getent passwd "$(id -u)" | cut -d: -f6) rustc --edition 2021 -O -o "$2" "$1" >&2
}

need_rust() {
    type -P rustc >/dev/null || skip "rustc is not installed"
}
