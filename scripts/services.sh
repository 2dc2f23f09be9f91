#!/bin/bash
# Starts PostgreSQL and Redis on 127.0.0.1 where none answers, for `make test-services`. What is already running is
# left as it is. Installs them from Debian's packages when they are missing and this is root.
set -euo pipefail

say() { echo "services: $*"; }
fail() { echo "services: $*" >&2; exit 1; }

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

install() {
    [ "$(id -u)" = 0 ] || fail "$1 is not installed; as root: apt-get install $1"
    command -v apt-get >/dev/null || fail "$1 is not installed, and there is no apt-get to install it with"
    say "installing $1"
    local words
    words=$(apt-get update -qq 2>&1 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" 2>&1) ||
        fail "$1 could not be installed: $words"
}

wait_for() { # port, name
    for _ in $(seq 100); do
        listens "$1" && return
        sleep 0.1
    done
    fail "$2 was started but does not answer on port $1"
}

# The tests sign in as postgres without a password, over TCP.
signs_in() { psql -h 127.0.0.1 -p 5432 -U postgres -w -d postgres -qAtc 'select 1' >/dev/null 2>&1; }

trust_this_machine() {
    local file
    file=$(runuser -u postgres -- psql -qAtc 'show hba_file')
    sed -i '1i host all postgres 127.0.0.1/32 trust' "$file"
    runuser -u postgres -- psql -qAtc 'select pg_reload_conf()' >/dev/null
    for _ in $(seq 50); do
        signs_in && return
        sleep 0.1
    done
}

postgresql() {
    local ours=${CI:-}
    if ! listens 5432; then
        if ! command -v pg_ctlcluster >/dev/null; then
            install postgresql
            ours=yes
        fi
        if ! listens 5432; then
            local version
            version=$(pg_lsclusters -h | awk '$2 == "main" { print $1 }' | sort -n | tail -1)
            [ -n "$version" ] || fail "PostgreSQL has no cluster; make one: pg_createcluster 15 main"
            pg_ctlcluster --skip-systemctl-redirect "$version" main start || true
        fi
        wait_for 5432 PostgreSQL
    fi
    command -v psql >/dev/null || install postgresql-client
    # Only a server that this script has just installed, or one of CI, is told to trust this machine.
    if ! signs_in && [ -n "$ours" ] && [ "$(id -u)" = 0 ]; then
        trust_this_machine
    fi
    signs_in || fail "PostgreSQL on port 5432 refuses postgres without a password; name another: make test-services TEST_DATABASE_URL=…"
    say "PostgreSQL answers on 127.0.0.1:5432"
}

redis() {
    if ! listens 6379; then
        command -v redis-server >/dev/null || install redis-server
        # Its data is the tests' and worth nothing, so it writes none to disk.
        # The package may have started one a moment ago; then this one finds the port taken and goes.
        listens 6379 ||
            redis-server --daemonize yes --bind 127.0.0.1 --port 6379 --save '' --appendonly no --dir /tmp >/dev/null || true
        wait_for 6379 Redis
    fi
    say "Redis answers on 127.0.0.1:6379"
}

postgresql
redis
