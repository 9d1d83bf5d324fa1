#!/bin/sh
# See that .venv in the current folder is there, runs, and belongs to this folder; else make it, or
# make it again, with the first Python that can: PYTHON where it is set, else the usual names.
# `make` calls this first of all.
set -u

oldest="3.11"
unusable=""
here=$(pwd -P)
note=".venv/.made-in" # the folder in which .venv was made: it is full of that folder's path

[ -L .venv ] && exit 0 # an environment elsewhere, which the user has chosen

usable() { # it runs, and was made here
    [ -e .venv/pyvenv.cfg ] && [ -e "$note" ] && [ "$(cat "$note")" = "$here" ] &&
        .venv/bin/python -c "" 2>/dev/null
}

take_turn() { # one make at a time; making a folder is one step, and tells who was first
    told=""
    until mkdir .venv-turn 2>/dev/null; do
        [ -d .venv-turn ] || return 0 # nothing can be made here: what follows says so
        other=$(cat .venv-turn/process 2>/dev/null)
        if [ -n "$other" ] && ! kill -0 "$other" 2>/dev/null && mkdir .venv-turn/clear 2>/dev/null; then
            # Left by one that was killed. Asked again, for another may have been faster.
            if [ "$(cat .venv-turn/process 2>/dev/null)" = "$other" ]; then
                mv .venv-turn ".venv-turn-$$" && rm -rf ".venv-turn-$$"
            else
                rmdir .venv-turn/clear
            fi
            continue
        fi
        [ -n "$told" ] || echo "Another make is at work on .venv: waiting for it (its mark: .venv-turn)."
        told=1
        sleep 1
    done
    echo $$ >.venv-turn/process
    trap 'rm -rf .venv-turn' EXIT
    trap 'exit 130' INT TERM HUP
}

usable && exit 0
take_turn
usable && exit 0

if [ -e .venv/pyvenv.cfg ]; then
    made_in=$here
    if [ -e "$note" ]; then
        made_in=$(cat "$note")
    else # an environment that was not made by this script: Python notes how it was called
        made_in=$(sed -n 's|^command = .* -m venv .*\(/.*\)/\.venv$|\1|p' .venv/pyvenv.cfg)
    fi
    if .venv/bin/python -c "" 2>/dev/null; then
        [ "$made_in" = "$here" ] && exit 0
        if [ -z "$made_in" ]; then
            printf '%s\n' "$here" >"$note"
            exit 0
        fi
        .venv/bin/python tools/moved.py "$made_in" "$here" && printf '%s\n' "$here" >"$note" && exit 0
        echo "It is made again." >&2
    else
        echo "The environment in .venv does not run here (its Python is gone): it is made again." >&2
    fi
    rm -rf .venv
fi

for python in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3 python; do
    # A name may be found and still not run (version managers put such names on PATH).
    version=$("$python" -c 'import platform; print(platform.python_version())' 2>/dev/null) || version=""
    if [ -z "$version" ]; then
        [ "$python" = "${PYTHON:-}" ] || continue
        echo "PYTHON is $PYTHON, which does not run; expected a Python $oldest or newer." >&2
        exit 1
    fi
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        unusable="${unusable:+$unusable, }$python is $version"
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        unusable="${unusable:+$unusable, }$python ($version) without venv (on Debian and Ubuntu: apt install python3-venv)"
    else
        echo "Creating .venv with $python ($version)"
        "$python" -m venv .venv && printf '%s\n' "$here" >"$note" && exit 0
        rm -rf .venv # half an environment would pass for a whole one next time
        echo "$python ($version) could not create .venv; its message is above." >&2
        exit 1
    fi
    # What the user asked for is not silently replaced.
    [ "$python" = "${PYTHON:-}" ] && break
done

echo "Python $oldest or newer is needed; found: ${unusable:-none}." \
    "Install one, or name yours: make PYTHON=/path/to/python3 ..." >&2
exit 1
