#!/bin/sh
# Prints the Python that is to carry Banzu: the one of .venv if it works, else the first on the PATH that is new enough
# and can make a virtual environment. PYTHON=/path/to/python names one. Prints one line and fails where there is none.
# Plain sh, because it runs before anything is known to be there.

cd "$(dirname "$0")/.." || exit 1

# Understood by every Python, also 2.7: the answer of one that is too old must be an answer, not a syntax error.
probe='import sys
version = "%d.%d.%d" % sys.version_info[:3]
if sys.version_info < (3, 11):
    print("old " + version)
else:
    try:
        import ensurepip, venv
        print("good " + version)
    except ImportError:
        print("bare " + version)
'

# Sets kind (good, bare, old or empty) and version. A name that is on the PATH may still not start (version managers
# leave such shims behind), which counts as not there.
ask() {
    answer=$("$1" -c "$probe" 2>/dev/null) || answer=
    kind=${answer%% *}
    version=${answer#* }
}

if [ -z "$PYTHON" ] && [ -x .venv/bin/python ]; then
    ask .venv/bin/python
    # A virtual environment that exists needs no venv module any more.
    case $kind in good | bare) echo .venv/bin/python; exit 0 ;; esac
fi

old= bare=
for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
    ask "$name"
    case $kind in
        good) echo "$name"; exit 0 ;;
        bare) [ -n "$bare" ] || bare="$name ($version)" short=${version%.*} ;;
        old) [ -n "$old" ] || old="$name is $version" ;;
    esac
done

if [ -n "$bare" ]; then
    echo "banzu: $bare lacks the venv module; Debian and Ubuntu: apt install python$short-venv" >&2
elif [ -n "$old" ]; then
    echo "banzu: Python 3.11 or newer is needed, and $old; name a newer one: make PYTHON=/path/to/python3.12 …" >&2
elif [ -n "$PYTHON" ]; then
    echo "banzu: Python 3.11 or newer is needed, and PYTHON=$PYTHON does not start" >&2
else
    echo "banzu: Python 3.11 or newer is needed, and there is no Python on the PATH" >&2
fi
exit 1
