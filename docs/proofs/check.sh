#!/bin/bash
# Runs the Spin model of the key ratchet, and the mutants that it must catch. Needs spin and gcc. Then the
# ProVerif model of the exchange, where proverif is there.
#     docs/proofs/check.sh            a line for each run; status 0 when all are as they should be
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
memory_mib=1024
seconds=50  # for any one run; all of them together take less than a minute
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

command -v spin >/dev/null || {
    echo "spin is missing: apt-get install --no-install-recommends spin" >&2
    exit 2
}

# verify OPTIMISATION OPTION...: "ok STATES", "error WHAT", or "incomplete" when a bound of the search was met.
verify() {
    local folder out optimisation=$1
    shift
    folder=$(mktemp -d -p "$work")
    out="$folder/out"
    (
        cd "$folder"
        spin -a "$@" "$here/psk_ratchet.pml" >spin.log
        gcc "$optimisation" -w -DSAFETY -DCOLLAPSE -DNOFAIR -DMEMLIM=$memory_mib -o pan pan.c
        timeout $seconds ./pan -m200000 -n >out 2>&1 || true
    )
    if grep -q '^pan:[0-9]*: *assertion\|^pan:[0-9]*: *invalid end' "$out"; then
        echo "error $(sed -n 's/^pan:[0-9]*: *//p' "$out" | head -n 1 | cut -c 1-40)"
    elif grep -q 'errors: 0' "$out" && ! grep -q 'max search depth too small\|reached -DMEMLIM' "$out"; then
        echo "ok $(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$out")"
    else
        echo "incomplete"
    fi
}

# expect OUTCOME NAME OPTION...
expect() {
    local outcome=$1 name=$2 result word=ok started=$SECONDS optimisation=-O1
    shift 2
    [[ $outcome == ok ]] || optimisation=-O0 # a mutant fails before the compiler could repay its time
    result=$(verify "$optimisation" "$@")
    if [[ ${result%% *} != "$outcome" ]]; then
        word="not ok"
        failed=1
    fi
    printf '%-6s  %-34s %3d s  %s\n' "$word" "$name" $((SECONDS - started)) "$result"
}

expect ok "two exchanges, one crash" -DSTORM=2 -DCRASHES=1 -DHANDSHAKES=1
expect ok "three exchanges, no crash" -DSTORM=3 -DCRASHES=0 -DHANDSHAKES=1
expect ok "one exchange, two crashes" -DSTORM=1 -DCRASHES=2 -DHANDSHAKES=1
expect ok "state lost" -DSTORM=2 -DCRASHES=1 -DHANDSHAKES=1 -DLOSE_STATE
expect error "mutant: old key dropped too early" -DSTORM=2 -DMUTANT_DROP_EARLY
expect error "mutant: offer is no evidence" -DSTORM=3 -DCRASHES=0 -DMUTANT_NO_EVIDENCE
expect error "mutant: responds too early" -DSTORM=2 -DMUTANT_RESPOND_EARLY
expect error "mutant: overtaken offers taken" -DSTORM=3 -DCRASHES=0 -DMUTANT_NO_SEQUENCE

# The exchange itself, where somebody has installed ProVerif: Debian 12 does not have it.
if command -v proverif >/dev/null; then
    timeout $seconds proverif "$here/hybrid_psk.pv" >"$work/proverif" 2>&1 || true
    proved=$(grep -c '^RESULT .* is true\.' "$work/proverif" || true)
    word=ok
    if [[ $proved != 4 ]]; then
        word="not ok"
        failed=1
    fi
    printf '%-6s  %-34s        %s of 4 queries\n' "$word" "hybrid_psk.pv" "$proved"
else
    echo "skip    hybrid_psk.pv: proverif is not installed"
fi
exit $failed
