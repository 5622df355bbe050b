#!/bin/bash
# SPDX-License-Identifier: MIT
# mantua-qemu with a QEMU that is a script: what it finds, makes and refuses.
# usage: test_launcher.sh MANTUA-QEMU MODULE-DIR QEMU-VERSION
set -u
launcher=$1 built=$2 version=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache MANTUA_MODULE_DIR=$built
number=0
check() { # check NAME COMMAND...
    number=$((number + 1))
    name=$1
    shift
    if "$@" >"$work/out" 2>&1; then
        echo "ok $number $name"
    else
        echo "not ok $number $name"
        sed 's/^/# /' "$work/out"
    fi
}

# make_qemu DIR VERSION STAMP: a QEMU that prints its environment and arguments.
make_qemu() {
    mkdir -p "$1/bin" "$1/lib/x/qemu"
    cat >"$1/bin/qemu" <<TXT
#!/bin/sh
[ "\$1" != --version ] || { echo "QEMU emulator version $2 (Debian 1:$2)"; exit 0; }
echo "dir=\$QEMU_MODULE_DIR args=\$*"
TXT
    chmod +x "$1/bin/qemu"
    printf 'ELF..qemu_stamp_%s..' "$3" >"$1/lib/x/qemu/hw-display-virtio-gpu.so"
    touch "$1/lib/x/qemu/hw-display-virtio-gpu-pci-gl.so"
}
stamp_in() { LC_ALL=C grep -aq "qemu_stamp_$1" "$2"; }

ours=$(LC_ALL=C grep -ao 'qemu_stamp_[0-9a-f]\{40\}' "$built/hw-display-virtio-gpu-gl.so" |
       head -n1 | cut -d_ -f3)
other=0123456789abcdef0123456789abcdef01234567
make_qemu "$work/same" "$version.1" "$ours"
make_qemu "$work/updated" "$version.9" "$other"
make_qemu "$work/newer" 99.0.0 "$other"

print_env() { [ "$("$launcher" --qemu "$1/bin/qemu" --print-env)" = "QEMU_MODULE_DIR=$2" ]; }
check "the QEMU it was built for" print_env "$work/same" "$built"
cached=$work/cache/mantua/modules/qemu_stamp_$other
check "an update of that QEMU" print_env "$work/updated" "$cached"
check "its module has the new stamp" stamp_in "$other" "$cached/hw-display-virtio-gpu-gl.so"
loads() { ldd "$cached/hw-display-virtio-gpu-gl.so" | grep -q "libmantua-virtio-gpu.so => $built/"; }
check "its module finds the implementation" loads
refuses() { ! "$launcher" --qemu "$1" --check >"$work/refusal" 2>&1 && grep -q "$2" "$work/refusal"; }
check "another version is refused" refuses "$work/newer/bin/qemu" "built for QEMU $version"
check "a missing QEMU is refused" refuses "$work/none" "not installed"
rm "$work/same/lib/x/qemu/hw-display-virtio-gpu-pci-gl.so"
check "a missing package is named" refuses "$work/same/bin/qemu" "virtio-gpu-pci-gl.so is missing"
touch "$work/same/lib/x/qemu/hw-display-virtio-gpu-pci-gl.so"
runs() {
    [ "$("$launcher" --qemu "$work/same/bin/qemu" -device 'a b' --check)" = \
      "dir=$built args=-device a b --check" ]
}
check "arguments reach QEMU" runs
echo "1..$number"
