#!/bin/sh
# Two programs print the same. Usage: same_output.sh PROGRAM PROGRAM
set -eu
one=$("$1") other=$("$2")
printf '%s\n%s\n' "$one" "$other"
[ -n "$one" ] && [ "$one" = "$other" ]
