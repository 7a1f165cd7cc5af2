#!/bin/bash
# OpenSSL >= 3.5 for the build: the system's where it is new enough, else Debian's source package
# built once as static libraries into a cache outside the tree.
#
#   tools/openssl.sh ensure    make sure there is one, building it if need be (the default)
#   tools/openssl.sh find      print "system" or the prefix that would be used; 1 when there is none
#   tools/openssl.sh refresh   build again if the archive has a newer 3.5 (security updates)
#
#   PM_OPENSSL_ROOT            use this prefix (include/ and lib/libcrypto.a) and nothing else
#   PHANTOM_CACHE              where the cache is; default ~/.cache/phantommesh
#   PHANTOM_DEBIAN_MIRROR      a Debian mirror's URL, where apt knows no Debian or Ubuntu mirror
set -euo pipefail

minimum=3.5
cache=${PHANTOM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/phantommesh}

# What we do not use is left out: fewer algorithms to attack, and half the build time. Changing
# this list changes the name of the prefix, so every checkout gets the library it was written for.
# /usr/lib/ssl is where Debian keeps certificates and openssl.cnf, and only root can write there.
configure_flags=(
    --prefix=/usr --libdir=lib --openssldir=/usr/lib/ssl
    no-shared no-module no-apps no-tests no-docs
    no-legacy no-ssl3 no-weak-ssl-ciphers no-comp no-zlib no-sctp no-srp no-nextprotoneg no-ct no-cmp
    no-afalgeng no-capieng no-loadereng no-padlockeng
    no-idea no-seed no-mdc2 no-rc2 no-rc4 no-bf no-cast no-whirlpool no-camellia no-aria
    no-sm2 no-sm3 no-sm4 no-gost no-ec2m
)

say() { echo "openssl: $*" >&2; }
die() {
    say "$*"
    exit 1
}

prefix_path() {
    local recipe
    recipe=$(printf '%s\n' "$(uname -m)" "${configure_flags[@]}" | sha256sum | cut -c1-12)
    echo "$cache/openssl-$minimum-$recipe"
}

is_usable() { [[ -f $1/lib/libcrypto.a && -f $1/lib/libssl.a && -f $1/include/openssl/ml_kem.h ]]; }

system_is_new_enough() {
    command -v pkg-config >/dev/null && pkg-config --atleast-version="$minimum" openssl
}

find_openssl() {
    if [[ -n ${PM_OPENSSL_ROOT:-} ]]; then
        [[ -f $PM_OPENSSL_ROOT/lib/libcrypto.a ]] || die "PM_OPENSSL_ROOT has no lib/libcrypto.a"
        echo "$PM_OPENSSL_ROOT"
    elif system_is_new_enough; then
        echo system
    elif is_usable "$(prefix_path)"; then
        prefix_path
    else
        return 1
    fi
}

as_root() {
    if [[ $EUID -eq 0 ]]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Debian 13 and later have it packaged: then installing the headers is all there is to do.
install_system_package() {
    local candidate
    candidate=$(apt-cache policy libssl-dev 2>/dev/null | awk '/Candidate:/ {print $2}')
    [[ -n $candidate && $candidate != "(none)" ]] || return 1
    dpkg --compare-versions "$candidate" ge "$minimum" || return 1
    say "installing libssl-dev $candidate"
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends libssl-dev pkg-config >/dev/null
    system_is_new_enough
}

# Lines "KEYRING URL SUITE" of where a 3.5 source package should be: the mirrors apt already uses,
# at a release that has it.
source_suites() {
    local id target keyring
    id=$(sed -n 's/^ID=//p' /etc/os-release)
    case $id in
        ubuntu) target=resolute keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg ;;
        *) target=trixie keyring=/usr/share/keyrings/debian-archive-keyring.gpg ;;
    esac
    if [[ -n ${PHANTOM_DEBIAN_MIRROR:-} ]]; then
        echo "/usr/share/keyrings/debian-archive-keyring.gpg $PHANTOM_DEBIAN_MIRROR trixie"
        return
    fi
    # shellcheck disable=SC2016  # the dollars are apt's
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(ORIGIN)' \
        'Created-By: Packages' 'Component: main' 2>/dev/null |
        sort -u | awk -v keyring="$keyring" -v target="$target" '
            $3 !~ /^(Debian|Ubuntu)$/ || $2 ~ /-backports/ { next }
            { suffix = ($2 ~ /-security$/) ? "-security" : ($2 ~ /-updates$/) ? "-updates" : "" }
            { print keyring, $1, target suffix }'
}

# An apt of our own: it sees only the source suites above and keeps its lists in $work.
private_apt() {
    local command=$1
    shift
    "$command" -q -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$work/lists" -o Dir::State::status="$work/status" \
        -o Dir::Cache="$work/cache" -o Acquire::Languages=none -o Acquire::Retries=3 \
        -o APT::Sandbox::User=root "$@"
}

read_archive_index() {
    mkdir -p "$work"/{lists,cache/archives}/partial "$work/source"
    : >"$work/status"
    source_suites | awk '{printf "deb-src [signed-by=%s] %s %s main\n", $1, $2, $3}' \
        >"$work/sources.list"
    if [[ ! -s $work/sources.list ]]; then
        die "apt knows no Debian or Ubuntu mirror. Run apt-get update, or set" \
            "PHANTOM_DEBIAN_MIRROR to a mirror's URL (package debian-archive-keyring is needed)," \
            "or set PM_OPENSSL_ROOT to an OpenSSL >= $minimum of your own"
    fi
    private_apt apt-get update >"$work/update.log" 2>&1 || {
        tail -n 5 "$work/update.log" >&2
        die "cannot read the source index of a release with OpenSSL >= $minimum; set" \
            "PHANTOM_DEBIAN_MIRROR or PM_OPENSSL_ROOT (see the head of tools/openssl.sh)"
    }
    private_apt apt-cache madison openssl | awk '{print $3}' | sort -Vru | grep -E '^3\.5\.' \
        >"$work/versions" || die "the archive has no OpenSSL 3.5 source; set PM_OPENSSL_ROOT"
}

# A mirror may list a security version that it cannot deliver: then the newest that it can, said
# aloud, because a fix may be missing.
download_newest() {
    local version
    cd "$work/source"
    while read -r version; do
        if private_apt apt-get --download-only source "openssl=$version" >"$work/get.log" 2>&1; then
            echo "$version" >"$work/got"
            break
        fi
        say "WARNING: $version is listed but cannot be fetched; security fixes may be missing"
    done <"$work/versions"
    [[ -s $work/got ]] || {
        tail -n 5 "$work/get.log" >&2
        die "no listed version can be fetched"
    }
}

build() {
    local version jobs
    version=$(cat "$work/got")
    jobs=$(nproc)
    say "building $version with $jobs jobs, about 3 minutes on 2 cores (once; kept in $cache)"
    cd "$work/source"
    {
        # apt checked every file against the signed index, so dpkg-source need not again.
        dpkg-source --no-check -x "openssl_${version#*:}.dsc" tree
        cd tree
        ./Configure "${configure_flags[@]}"
        nice make -s -j"$jobs" build_libs
        make -s install_dev DESTDIR="$work/stage"
    } >"$work/build.log" 2>&1 || {
        tail -n 20 "$work/build.log" >&2
        die "the build failed (lines above)"
    }
    mkdir "$work/prefix"
    mv "$work/stage/usr/include" "$work/stage/usr/lib" "$work/prefix/"
    echo "$version" >"$work/prefix/.source-version"
    head -n 1 "$work/versions" >"$work/prefix/.listed-version"
}

# Renaming is atomic: another build sees the whole prefix or none.
put_into_place() {
    local prefix=$1
    is_usable "$work/prefix" || die "the build left no usable library"
    if [[ -e $prefix ]]; then
        mv "$prefix" "$work/replaced"
    fi
    mv "$work/prefix" "$prefix"
    say "$(cat "$prefix/.source-version") is ready in $prefix"
}

warn_if_behind() {
    local prefix=$1 got listed
    got=$(cat "$prefix/.source-version" 2>/dev/null || true)
    listed=$(cat "$prefix/.listed-version" 2>/dev/null || true)
    if [[ -n $listed && $got != "$listed" ]]; then
        say "note: built from $got; $listed was listed but could not be fetched." \
            "Try again with tools/openssl.sh refresh"
    fi
}

with_lock_and_work_folder() {
    mkdir -p "$cache"
    exec 9>"$cache/openssl.lock"
    flock -n 9 || {
        say "waiting for another build of it"
        flock 9
    }
    work=$(mktemp -d "$cache/openssl-work.XXXXXX")
    trap 'rm -rf "$work"' EXIT
}

ensure() {
    local found prefix
    if found=$(find_openssl); then
        [[ $found == system ]] || warn_if_behind "$found"
        return
    fi
    [[ -z ${PM_OPENSSL_ROOT:-} ]] || exit 1
    if install_system_package; then
        return
    fi
    prefix=$(prefix_path)
    with_lock_and_work_folder
    if is_usable "$prefix"; then
        return
    fi
    say "this system has none >= $minimum; building it from the archive's source package"
    read_archive_index
    download_newest
    build
    put_into_place "$prefix"
}

refresh() {
    local prefix have
    prefix=$(prefix_path)
    if ! is_usable "$prefix"; then
        ensure
        return
    fi
    with_lock_and_work_folder
    read_archive_index
    download_newest
    have=$(cat "$prefix/.source-version" 2>/dev/null || true)
    if [[ $have == "$(cat "$work/got")" ]]; then
        head -n 1 "$work/versions" >"$prefix/.listed-version"
        say "$have is the newest that can be had"
        return
    fi
    build
    put_into_place "$prefix"
}

case ${1:-ensure} in
    ensure) ensure ;;
    find) find_openssl ;;
    refresh) refresh ;;
    *)
        sed -n '2,11s/^# \{0,1\}//p' "$0"
        exit 2
        ;;
esac
