#!/bin/sh
# Create .venv in the current folder with the first Python that can: PYTHON where it is set,
# else the usual names. `make` calls this when there is no .venv.
set -u

oldest="3.11"
unusable=""

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
        "$python" -m venv .venv && exit 0
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
