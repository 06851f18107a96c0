#!/bin/sh
# Writes the broker's password file: the server's entry from MOTCUA_BROKER_PASSWORD and, where
# devices are named as unit/counter/device, a fresh password for each, printed once.
# Passwords never stand in an argument, where every process list would show them.
set -eu
umask 077
LC_ALL=C
export LC_ALL

refuse() {
    echo "'$1' is not a device: name it unit/counter/device, in lower case" >&2
    exit 2
}

file=${MOTCUA_PASSWORD_FILE:-/mosquitto/passwords/passwords}
password=${MOTCUA_BROKER_PASSWORD:?set MOTCUA_BROKER_PASSWORD to the password of the broker\'s user server}
new=$(mktemp "$file.XXXXXX")
trap 'rm -f "$new" "$new.all"' EXIT

printf 'server:%s\n' "$password" >"$new"
for device in "$@"; do
    case $device in
    *[!a-z0-9_/-]* | */*/*/* | */[!a-z0-9]* | [!a-z0-9]* | */) refuse "$device" ;;
    */*/*) ;;
    *) refuse "$device" ;;
    esac
    secret=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
    printf '%s:%s\n' "$device" "$secret" >>"$new"
    printf '%s %s\n' "$device" "$secret"
done
cut -d: -f1 "$new" >"$new.all"
mosquitto_passwd -U "$new"

# Entries that were not renewed stay as they are, hashed.
if [ -f "$file" ]; then
    awk -F: 'NR == FNR { renewed[$1]; next } !($1 in renewed)' "$new.all" "$file" >>"$new"
fi
mv "$new" "$file"
if [ "$(id -u)" -eq 0 ] && id mosquitto >/dev/null 2>&1; then
    chown mosquitto "$file"
fi
