#!/bin/sh
# apt in a tree of its own: prog-apt.sh TREE SOURCE [OPTION...]. Updates, updates again (nothing has
# changed), and downloads a package. TREE is made anew.
set -eu
tree=$1 source=$2
shift 2
rm -rf "$tree"
mkdir -p "$tree/etc/apt/preferences.d" "$tree/lists/partial" "$tree/cache/archives/partial" \
    "$tree/state" "$tree/get"
: >"$tree/state/status"
chmod -R a+rX "$tree"
if [ "$(id -u)" = 0 ]; then
    chown -R _apt "$tree/lists/partial" "$tree/cache/archives/partial" "$tree/get"
fi
echo "deb [trusted=yes] $source ./" >"$tree/etc/apt/sources.list"

apt_get() {
    apt-get -q -q -o Dir::Etc="$tree/etc/apt" -o Dir::Etc::parts=/dev/null -o Dir::State="$tree" \
        -o Dir::State::status="$tree/state/status" -o Dir::Cache="$tree/cache" \
        -o Acquire::Languages=none -o Acquire::http::Proxy=DIRECT -o Acquire::https::Proxy=DIRECT \
        -o APT::Update::Post-Invoke::= -o Debug::NoLocking=true -o quiet::NoStatistic=true "$@"
}

apt_get "$@" update
apt_get "$@" update
cd "$tree/get"
apt_get "$@" download bellhop-probe
sha256sum -- *.deb
apt_get "$@" install --no-install-recommends -s bellhop-probe
