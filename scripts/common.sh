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
        fail "packages are missing and there is neither root nor sudo to install them;" \
             "as root: apt-get install$missing"
    fi
}

# has_package NAME: this release of the distribution has it, as far as the package lists here say.
has_package() {
    apt-cache show "$1" >/dev/null 2>&1
}

# have_lists: apt knows what the archive has.
have_lists() {
    ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1
}

# quietly COMMAND...: what it prints appears only when it fails.
quietly() {
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then
        rm -f "$log"
    else
        tail -n 30 "$log" >&2
        rm -f "$log"
        return 1
    fi
}

# install_packages NAME...: installs what is missing. A name with a leading ? may be unknown to this
# release of the distribution: then it is left out with a message.
install_packages() {
    command -v dpkg-query >/dev/null 2>&1 || fail "this needs Debian 12 or 13 (dpkg not found)"
    missing= required=
    for name in "$@"; do
        package=${name#\?}
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' && continue
        # What this release never had is no reason to fetch the lists at every run.
        [ "$name" != "$package" ] && have_lists && ! has_package "$package" && continue
        missing="$missing $package"
        [ "$name" != "$package" ] || required="$required $package"
    done
    [ -n "$missing" ] || return 0
    say "Installing packages (some minutes):$missing"
    quietly as_root apt-get update -q || fail "apt-get update failed"
    wanted=
    for package in $missing; do
        if has_package "$package"; then
            wanted="$wanted $package"
        else
            case "$required " in
            *" $package "*) fail "this release has no package $package" ;;
            *) echo "(this release has no package $package: what needs it is left out)" ;;
            esac
        fi
    done
    [ -z "$wanted" ] || quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
        --no-install-recommends $wanted || fail "apt-get install$wanted failed"
}

# GL libraries are loaded by name at run time, whichever the host's driver offers.
PACKAGES_BUILD="gcc libc6-dev meson ninja-build pkg-config python3 libglib2.0-dev libepoxy-dev
    libegl-dev libgbm-dev libdrm-dev libpixman-1-dev zlib1g-dev libgl1-mesa-dri libegl1 libegl-mesa0
    libgl1 libgles2 libx11-dev libxext-dev libxcb1-dev libxcb-shm0-dev"
PACKAGES_HOST_DEMO="xvfb xauth glmark2-x11 glmark2-es2-x11 mesa-utils"
PACKAGES_TEST="?libvirglrenderer-dev gcc-mingw-w64-x86-64-win32 gcc-mingw-w64-i686-win32"
PACKAGES_SANITIZE="clang libclang-rt-dev"
PACKAGES_DEVICE="qemu-system-x86 ?qemu-system-modules-opengl dpkg-dev binutils xz-utils"
PACKAGES_CONFORMANCE="$PACKAGES_HOST_DEMO ?piglit"
PACKAGES_GUEST="mmdebstrap e2fsprogs cpio"
