#!/bin/bash
# SPDX-License-Identifier: MIT
# The Debian guest on our device: it finds 3D, draws, and the picture is seen outside.
# usage: test_guest.sh FOLDER-OF-THE-GUEST-PROGRAMS
set -u
here=$1
image=$("$here/make-guest-image" --print)
if [ ! -f "$image/recipe" ] || [ -z "${QEMU_MODULE_DIR:-}" ]; then
    echo "1..0 # SKIP needs the QEMU module, and the guest that tests/guest/make-guest-image builds"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
check() { # check NAME COMMAND...
    number=$((number + 1))
    name=$1
    shift
    if "$@"; then echo "ok $number $name"; else echo "not ok $number $name"; failed=1; fi
}
failed=

script='
dmesg | grep -F "[drm] features"
mkfifo /tmp/quiet; sleep 1000 >/tmp/quiet &
timeout 40 stdbuf -oL kmscube -c 2000 </tmp/quiet 2>&1 | grep -E "renderer:|Rendered"
dmesg | grep -iE "virtio_gpu.*(error|timed out)"
exit 0'
python3 "$here/screendump.py" "$work/qmp" "$work/shot.png" --until-drawn 120 >/dev/null 2>&1 &
camera=$!
"$here/run-guest" --timeout 200 --qmp "$work/qmp" --script "$script" >"$work/out" 2>"$work/err"
check "the guest ran its script" test $? = 0
wait $camera
check "a screen dump shows what was drawn" test $? = 0
check "the driver uses 3D" grep -q '+virgl' "$work/out"
check "Mesa draws with virgl" grep -q 'renderer:.*virgl' "$work/out"
check "frames were drawn" grep -q 'Rendered [0-9]' "$work/out"
check "the driver saw no error" sh -c '! grep -qiE "virtio_gpu.*(error|timed out)" "$1"' sh "$work/out"
[ -z "$failed" ] || sed 's/^/# /' "$work/out" "$work/err"
echo "1..$number"
