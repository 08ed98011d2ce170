# What an engine runs on a host, as root, with /bin/sh. It never ends with an error: the last line that it writes says
# what became of it, so an engine that cuts what comes back, or adds to it, is found out:
#     codered-begin / what was asked for / codered-end STATE EXIT-CODE SECONDS WHY
# Words: MODE FOLDER DIGEST SECONDS MOST SOURCE [ARGUMENT...]
#     run    the program with the arguments and the path of its input, if it is there and is what it must be
#     part   a piece of the answer that it left: the input is OFFSET COUNT PATH; at most MOST bytes, packed
#     bring  the program is the end of this very script (SOURCE bytes); keep: it lies in SOURCE
# SOURCE for run and part: "-" (the input is on stdin, in base64) or a private folder with a file "input" in it.
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
mode=$1 folder=$2 digest=$3 seconds=$4 most=$5 source=$6
shift 6
program=$folder/$digest/codered-host.pyz
began=$(date +%s)
work=
unread=
[ "$source" != - ] || unread=yes
finish() {
    state=$1 code=$2
    shift 2
    why=$(printf '%s' "$*" | tr -c '[:print:]' ' ' | tail -c 400)
    [ -z "$work" ] || rm -rf "$work"
    printf '\ncodered-end %s %s %s %s\n' "$state" "$code" "$(($(date +%s) - began))" "$why"
    [ -z "$unread" ] || cat >/dev/null # who still writes the input would meet a broken pipe, and never hear why
    exit 0
}
is_whole() {
    [ -f "$1" ] && [ ! -L "$1" ] && [ "$(sha256sum <"$1" | cut -c 1-64)" = "$digest" ]
}
echo codered-begin
trap 'unread= && finish failed - "it was ended from outside"' HUP INT TERM
mkdir -p "$folder" 2>/dev/null || finish failed - "the folder $folder can't be made"
[ ! -L "$folder" ] || finish failed - "the folder $folder is a link"
case $(stat -c '%u %a' "$folder") in
"$(id -u) 700") ;;
*) finish failed - "the folder $folder is not its owner's alone (0700)" ;;
esac
case $source in
/*) work=$source ;;
esac
# What an earlier run could not remove, for it was cut off.
find "$folder" -maxdepth 1 -name 'run-*' -mmin +1440 -exec rm -rf {} + 2>/dev/null
if [ "$mode" = run ] && ! is_whole "$program"; then finish missing - ""; fi
if [ -z "$work" ]; then
    work=$(mktemp -d "$folder/run-XXXXXXXX" 2>&1) || { why=$work work= && finish failed - "no folder for the run: $why"; }
fi
case $mode in
bring | keep)
    if [ "$mode" = bring ]; then
        said=$(tail -c "$source" "$0" 2>&1 >"$work/program") || finish failed - "the program could not be kept: $said"
    fi
    is_whole "$work/program" || finish failed - "the program arrived damaged"
    said=$(mkdir -p "${program%/*}" 2>&1 && chmod 700 "$work/program" "${program%/*}" 2>&1 &&
        mv -f "$work/program" "$program" 2>&1) || finish failed - "the program could not be kept: $said"
    finish kept - ""
    ;;
esac
if [ "$source" = - ]; then
    unread=
    said=$(base64 -d 2>&1 >"$work/input") || finish failed - "its input could not be kept: $said"
fi
chmod 600 "$work/input" 2>/dev/null || finish failed - "its input did not arrive"
if [ "$mode" = part ]; then
    read -r offset count path <"$work/input"
    [ -f "$path" ] && [ ! -L "$path" ] || finish failed - "the answer is not there any more"
    while tail -c "+$((offset + 1))" "$path" | head -c "$count" | gzip -c >"$work/packed" &&
        [ "$(wc -c <"$work/packed")" -gt "$most" ] && [ "$count" -gt 1 ]; do count=$((count / 2)); done
    base64 -w 0 <"$work/packed"
    finish part - ""
fi
command -v python3 >/dev/null || finish failed - "python3 is not there"
timeout -k 10 "$seconds" python3 -I "$program" "$@" "$work/input" >"$work/said" 2>"$work/talk" </dev/null
code=$?
case $code in
124 | 137) finish timed_out - "it did not end within $seconds s" ;;
esac
[ "$(wc -c <"$work/said")" -le "$most" ] || finish failed "$code" "it said more than a receipt"
cat "$work/said"
finish ran "$code" "$(tail -n 2 "$work/talk" | tail -c 300)"
