# SPDX-License-Identifier: MIT
# Sourced by the programs at the top of the tree: messages and packages.

say() {
    printf '\n== %s\n' "$*"
}

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        fail "packages are missing ($missing) and there is neither root nor sudo to install them;" \
             "as root: apt-get install $missing"
    fi
}

# install_packages NAME...: installs what is missing. A name with a leading ? may be unknown to this
# release of the distribution: then it is left out with a message.
install_packages() {
    command -v dpkg-query >/dev/null 2>&1 || fail "this needs Debian 12 or 13 (dpkg not found)"
    missing=
    for name in "$@"; do
        dpkg-query -W -f '${Status}' "${name#\?}" 2>/dev/null | grep -q 'ok installed' ||
            missing="$missing $name"
    done
    [ -n "$missing" ] || return 0
    say "Installing packages:$missing"
    as_root apt-get update -q >/dev/null || fail "apt-get update failed; see the message above"
    wanted=
    for name in $missing; do
        if apt-cache show "${name#\?}" >/dev/null 2>&1; then
            wanted="$wanted ${name#\?}"
        elif [ "${name#\?}" = "$name" ]; then
            fail "this release has no package $name"
        else
            echo "(this release has no package ${name#\?}: what needs it is skipped)"
        fi
    done
    [ -z "$wanted" ] || as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
        --no-install-recommends $wanted >/dev/null || fail "apt-get install$wanted failed"
}

PACKAGES_BUILD="gcc libc6-dev meson ninja-build pkg-config python3 libglib2.0-dev libepoxy-dev
    libegl-dev libgbm-dev libdrm-dev libpixman-1-dev zlib1g-dev libgl1-mesa-dri libegl1 libegl-mesa0
    libx11-dev libxext-dev libxcb1-dev libxcb-shm0-dev"
PACKAGES_DEMO="xvfb xauth glmark2-x11 glmark2-es2-x11 mesa-utils libgl1"
PACKAGES_TEST="clang libclang-rt-dev piglit ?virgl-server ?libvirglrenderer-dev
    gcc-mingw-w64-x86-64-win32"
PACKAGES_DEVICE="qemu-system-x86 ?qemu-system-modules-opengl dpkg-dev binutils xz-utils"
PACKAGES_GUEST="mmdebstrap e2fsprogs cpio"
