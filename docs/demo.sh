#!/bin/sh
# Shows a program being started, killed, coming back, and being stopped. Exits with 0 only when all of that happened.
set -u

zdaemon=$(cd "$(dirname "$0")/.." && pwd)/dist/zdaemon.cjs
directory=
started=no
program='sh -c "while echo tick of process $$; do sleep 1; done"'

fail() {
  echo "demo: $*" >&2
  exit 1
}

# With the options that are needed everywhere.
zd() {
  node "$zdaemon" -s "$directory/zdsock" -t "$directory/transcript" -p "$program" "$@"
}

show() {
  printf '\n$ zdaemon %s\n' "$*"
  zd "$@"
}

pid_of_program() {
  zd status | sed -n 's/^program running; pid=//p'
}

# Prints the pid once it is another one than $1; the restart is due after a second.
pid_after() {
  attempt=0
  while [ "$attempt" -lt 300 ]; do
    pid=$(pid_of_program)
    if [ -n "$pid" ] && [ "$pid" != "$1" ]; then
      echo "$pid"
      return
    fi
    attempt=$((attempt + 1))
    sleep 0.1
  done
  return 1
}

clean_up() {
  status=$?
  trap - EXIT
  trap '' HUP INT TERM
  if [ "$started" = yes ]; then
    # A manager that was being started when we were interrupted may need a moment.
    attempt=0
    until [ -S "$directory/zdsock" ] || [ "$attempt" -ge 30 ]; do
      attempt=$((attempt + 1))
      sleep 0.1
    done
    zd stop >/dev/null
  fi
  if [ -n "$directory" ]; then rm -rf "$directory"; fi
  exit "$status"
}

trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

[ -f "$zdaemon" ] || fail "$zdaemon is missing; npm ci makes it"
directory=$(mktemp -d) || fail "no temporary directory"
export XDG_STATE_HOME="$directory"

echo "The program: $program"
echo "Every command has -p PROGRAM, -s SOCKET and -t TRANSCRIPT as well; they are left out here."

started=yes
show start || fail "start failed"
show status || fail "status failed"
first=$(pid_of_program)
[ -n "$first" ] || fail "the program is not running"

printf '\n$ kill -9 %s\n' "$first"
kill -9 "$first" || fail "the program is gone"
echo "It dies. Its manager starts it again, after a second."
second=$(pid_after "$first") || fail "the program did not come back"
show status || fail "status failed"

printf '\n$ cat transcript\n'
attempt=0
until grep -q "process $second" "$directory/transcript"; do
  attempt=$((attempt + 1))
  [ "$attempt" -lt 300 ] || fail "the transcript has nothing of the second run"
  sleep 0.1
done
cat "$directory/transcript"
grep -q "process $first" "$directory/transcript" || fail "the transcript has nothing of the first run"

show stop || fail "stop failed"
started=no
show status
[ "$?" -eq 3 ] || fail "a manager is left"
kill -0 "$second" 2>/dev/null && fail "the program is left"

printf '\nThe demo is over, and all of it has happened.\n'
