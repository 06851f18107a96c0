#!/bin/sh
# Makes a device of a Raspberry Pi with Raspberry Pi OS (64 bit, Bookworm or Trixie).
# May run again at any time: it brings the device up to date and keeps its settings and its outbox.
set -eu
LC_ALL=C
export LC_ALL

usage() {
    cat <<'TEXT'
usage: sudo sh hardware/raspberry-pi/provision.sh --unit U --counter C --device D --broker HOST[:PORT]
  --unit, --counter, --device  the device's address: lower-case letters, digits, - and _
  --broker HOST[:PORT]         the province's broker (1883 without a port)
  --camera SOURCE              /dev/video0 (default), rtsp://..., or none
  --models-from ADDRESS        where the server offers models: http://HOST:8000/api/v1/models
  --models-key KEY             the public key that signs them, as `motcua models publish` prints it
  --no-screen                  no rating screen on this device
  --dry-run                    print every step, change nothing, need no root
The broker's password is asked for, or read from standard input when that is not a terminal.
`docker compose run --rm broker-passwords U/C/D` on the server makes and prints it.
TEXT
}

fail() {
    echo "provision: $*" >&2
    exit 2
}

# ---------------------------------------------------------------- arguments
unit='' counter='' device='' broker='' camera=/dev/video0 screen=yes dry_run=no
models_from='' models_key=''
while [ $# -gt 0 ]; do
    case $1 in
    --unit | --counter | --device | --broker | --camera | --models-from | --models-key)
        [ $# -ge 2 ] || fail "$1 needs a value"
        case $1 in
        --unit) unit=$2 ;;
        --counter) counter=$2 ;;
        --device) device=$2 ;;
        --broker) broker=$2 ;;
        --camera) camera=$2 ;;
        --models-from) models_from=$2 ;;
        --models-key) models_key=$2 ;;
        esac
        shift 2
        ;;
    --no-screen) screen=no && shift ;;
    --dry-run) dry_run=yes && shift ;;
    --help) usage && exit 0 ;;
    *) usage >&2 && fail "unknown argument $1" ;;
    esac
done

# Patterns, not grep: grep would accept a value whose second line says something else.
check_name() {
    case $2 in
    '' | [!a-z0-9]* | *[!a-z0-9_-]*)
        fail "$1 '$2' is not a name: lower-case letters, digits, - and _, at most 63 characters"
        ;;
    esac
    [ ${#2} -le 63 ] || fail "$1 '$2' is longer than 63 characters"
}
check_name --unit "$unit"
check_name --counter "$counter"
check_name --device "$device"
case ${broker%:*} in
'' | *[!A-Za-z0-9.-]*) fail "--broker '$broker' is not HOST or HOST:PORT" ;;
esac
case $broker in
*: | *:*[!0-9]*) fail "--broker '$broker' is not HOST or HOST:PORT" ;;
esac
# What an address holds is not repeated: it may be a password, with any sign that TOML can quote.
case $camera in
'' | *[\"\\[:cntrl:]]*)
    fail '--camera is not a device, an address or none; write " in it as %22 and \ as %5C' ;;
esac
case $broker in *:*) ;; *) broker=$broker:1883 ;; esac
case $models_from in
'' | http://?* | https://?*) ;;
*) fail "--models-from '$models_from' is not an address: http://HOST:8000/api/v1/models" ;;
esac
case $models_from in
*[!A-Za-z0-9/:._~%-]*) fail "--models-from '$models_from' is not an address" ;;
esac
case $models_key in
*[!A-Za-z0-9+/=]*) fail "--models-key '$models_key' is not a public key of 44 characters" ;;
esac
if [ -n "$models_from$models_key" ] && { [ -z "$models_from" ] || [ ${#models_key} -ne 44 ]; }; then
    fail "--models-from needs --models-key, a public key of 44 characters, and the other way round"
fi

# ---------------------------------------------------------------- how steps are done
step() { printf '== %s\n' "$*"; }

run() {
    if [ "$dry_run" = yes ]; then
        printf '   + %s\n' "$*"
    else
        "$@"
    fi
}

# write FILE MODE [GROUP]: replace FILE by standard input.
write() {
    if [ "$dry_run" = yes ]; then
        printf '   + write %s (%s)\n' "$1" "$2${3:+, group $3}"
        cat >/dev/null
        return
    fi
    mkdir -p "$(dirname "$1")"
    (umask 077 && cat >"$1.new")
    [ -z "${3:-}" ] || chgrp "$3" "$1.new"
    chmod "$2" "$1.new"
    mv "$1.new" "$1"
}

systemd_runs() { [ "$dry_run" = yes ] || [ -d /run/systemd/system ]; }

source_dir=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
here=$source_dir/hardware
home=/opt/motcua
settings=/etc/motcua/edge.toml
secret=/etc/motcua/broker.env
models=/etc/motcua/models.env
setup_pin=/var/lib/motcua/setup/setup-pin
export DEBIAN_FRONTEND=noninteractive

# ---------------------------------------------------------------- the steps
check_machine() {
    step "machine"
    if [ "$dry_run" = yes ]; then
        echo "   not checked: nothing will change"
        return
    fi
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    case $codename in
    bookworm | trixie) ;;
    *) fail "this system is '$codename'; Raspberry Pi OS Bookworm or Trixie is needed" ;;
    esac
    case $(uname -m) in
    aarch64 | x86_64) ;;
    *) fail "this system is $(uname -m); the 64-bit Raspberry Pi OS is needed" ;;
    esac
    [ "$(id -u)" -eq 0 ] || fail "root is needed: use sudo"
}

install_packages() {
    step "packages"
    set -- python3 python3-venv ca-certificates chrony tzdata
    if [ "$screen" = yes ]; then
        set -- "$@" cage chromium curl fonts-noto-core
    fi
    run apt-get update -q
    run apt-get install -q -y --no-install-recommends "$@"
}

make_users() {
    step "users"
    make_user motcua
    if [ "$screen" = yes ]; then
        make_user motcua-screen
        # Screen, touch and graphics; a system without one of these groups has not that device.
        for group in video input render; do
            ! getent group "$group" >/dev/null || run usermod --append --groups "$group" motcua-screen
        done
    fi
}

make_user() {
    id "$1" >/dev/null 2>&1 ||
        run useradd --system --home-dir "/var/lib/$1" --shell /usr/sbin/nologin "$1"
}

install_software() {
    step "software in $home"
    pip=$home/venv/bin/pip
    [ -x "$pip" ] || run python3 -m venv "$home/venv"
    # The lock names every package with its hash; --no-deps keeps pip from adding to it.
    for lock in build edge; do
        run "$pip" install -q --no-deps --require-hashes -r "$source_dir/requirements/$lock.txt"
    done
    # What an earlier build left would be installed again, files deleted since then included.
    run rm -rf "$source_dir/build"
    run "$pip" install -q --no-deps --no-build-isolation --force-reinstall "$source_dir"
    run mkdir -p "$home/bin"
    write "$home/bin/rating-screen" 755 <"$here/raspberry-pi/rating-screen"
    run ln -sfn "$home/venv/bin/motcua" /usr/local/bin/motcua
    for tool in motcua-check motcua-setup; do
        write "/usr/local/sbin/$tool" 755 <"$here/raspberry-pi/$tool"
    done
}

write_settings() {
    # A network camera's address holds its password: only the services may read it.
    step "settings in $settings"
    if [ -e "$settings" ]; then
        run chgrp motcua "$settings"
        run chmod 640 "$settings"
        for line in "unit = \"$unit\"" "counter = \"$counter\"" "device = \"$device\""; do
            grep -qxF "$line" "$settings" ||
                fail "$settings does not say $line: edit or remove it, then run this again"
        done
        echo "   kept: $settings is yours to edit"
        return
    fi
    sed -e "s|@UNIT@|$unit|" -e "s|@COUNTER@|$counter|" -e "s|@DEVICE@|$device|" \
        -e "s|@CAMERA@|$(printf '%s' "$camera" | sed 's/[&|\\]/\\&/g')|" \
        "$here/raspberry-pi/edge.toml.template" | write "$settings" 640 motcua
}

# The PIN of the set-up page; a device that has one keeps it.
write_setup_pin() {
    step "set-up PIN in $setup_pin"
    if [ -e "$setup_pin" ]; then
        echo "   kept: sudo cat $setup_pin"
        return
    fi
    pin=00000000
    [ "$dry_run" = yes ] || pin=$(tr -dc 0-9 </dev/urandom | head -c 8)
    run install -d -m 700 -o motcua -g motcua "$(dirname "$setup_pin")"
    printf '%s\n' "$pin" | write "$setup_pin" 640 motcua
    [ "$dry_run" = yes ] || echo "   PIN: $pin"
}

write_secret() {
    step "broker's address and password in $secret, readable by root only"
    if [ -e "$secret" ]; then
        echo "   kept: remove $secret first to give another password"
        return
    fi
    password=dryrun
    [ "$dry_run" = yes ] || password=$(read_password)
    case $password in
    '' | *[!A-Za-z0-9]*) fail "the password may hold letters and digits only" ;;
    esac
    # The broker knows the device by its address; in a URL its slashes are %2F.
    printf 'MOTCUA_BROKER_URL=mqtt://%s%%2F%s%%2F%s:%s@%s\n' \
        "$unit" "$counter" "$device" "$password" "$broker" | write "$secret" 600
}

write_models_server() {
    step "models' server in $models"
    if [ -z "$models_from" ]; then
        echo "   none named: what $models says stays, else copy weights to /var/lib/motcua/models"
        return
    fi
    printf 'MOTCUA_MODELS_FROM=%s\nMOTCUA_MODELS_KEY=%s\n' "$models_from" "$models_key" |
        write "$models" 644
}

read_password() {
    if [ -t 0 ]; then
        printf 'password of %s/%s/%s at the broker: ' "$unit" "$counter" "$device" >&2
        stty -echo
    fi
    answer=''
    read -r answer || true
    if [ -t 0 ]; then
        stty echo
        echo >&2
    fi
    printf '%s' "$answer"
}

spare_the_card() {
    step "journal, clock, hardware watchdog"
    write /etc/systemd/journald.conf.d/motcua.conf 644 <<'CONF'
[Journal]
SystemMaxUse=100M
RateLimitIntervalSec=30s
RateLimitBurst=1000
CONF
    # A Pi that hangs restarts itself; the outbox survives, it is a write-ahead log.
    write /etc/systemd/system.conf.d/motcua.conf 644 <<'CONF'
[Manager]
RuntimeWatchdogSec=15
CONF
    run ln -sfn /usr/share/zoneinfo/Asia/Ho_Chi_Minh /etc/localtime
    run systemctl enable chrony.service
}

install_units() {
    step "services"
    for file in "$here"/systemd/*.target "$here"/systemd/*.service "$here"/systemd/*.timer \
        "$here"/systemd/*.path; do
        write "/etc/systemd/system/${file##*/}" 644 <"$file"
    done
    for file in motcua-.service.d/10-common.conf motcua-models.service.d/20-until-done.conf \
        motcua-relay.service.d/20-clock.conf; do
        write "/etc/systemd/system/$file" 644 <"$here/systemd/$file"
    done
    ! systemd_runs || run systemctl daemon-reload
    run systemctl enable motcua-edge.target motcua-watch.service motcua-kiosk.service \
        motcua-relay.service motcua-models.timer new-models.path
    if [ "$screen" = yes ]; then
        run systemctl disable getty@tty1.service
        run systemctl enable rating-screen@tty1.service
    fi
}

start_device() {
    step "start"
    if ! systemd_runs; then
        echo "   not started: systemd does not run here (an image is being made)"
        return
    fi
    run systemctl restart chrony.service
    run systemctl restart motcua-edge.target motcua-watch.service motcua-kiosk.service \
        motcua-relay.service motcua-models.timer new-models.path
    # A server that is away must not stop the provisioning: systemd asks it again.
    run systemctl --no-block restart motcua-models.service
    [ "$screen" = no ] || run systemctl restart rating-screen@tty1.service
}

check_machine
install_packages
make_users
install_software
write_settings
write_setup_pin
write_secret
write_models_server
spare_the_card
install_units
start_device
cat <<TEXT
== next
   sudo motcua-setup      serves the set-up page on port 8081: zones, masks, models
   sudo motcua-check      says what camera, models, broker, clock and disk lack
   Models lie in /var/lib/motcua/models; hardware/README.md has camera placement and the sign.
   sudo systemctl start motcua-models   fetches them from the server named with --models-from
   Do not switch on the overlay file system (raspi-config) while /var/lib/motcua lies on the same
   partition: ratings not yet acknowledged would be lost with the power.
TEXT
