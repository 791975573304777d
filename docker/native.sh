#!/usr/bin/env bash
# The set-up of compose.yaml without containers: PostgreSQL from Debian's package, LocalExecutor, password login.
# Everything lies under .airflow/native/. Ctrl-C stops it all; started again, it goes on where it was.
#   AIRFLOW_HOME=<folder>  AIRFLOW_PORT=<port>  POSTGRES_PORT=<port>  docker/native.sh
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/components.sh"

AIRFLOW_HOME=${AIRFLOW_HOME:-$repo/.airflow/native}
POSTGRES_PORT=${POSTGRES_PORT:-5433}
common_settings
require_free POSTGRES_PORT "$POSTGRES_PORT"
postgres_bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
data=$AIRFLOW_HOME/postgres
password_file=$AIRFLOW_HOME/admin-password

# PostgreSQL refuses to run as root.
as_postgres=()
if [[ $EUID -eq 0 ]]; then as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups); fi

new_word() { head -c 18 /dev/urandom | base64 | tr -d '+/='; }

export AIRFLOW__CORE__PARALLELISM=${SANJI_PARALLELISM:-8}
export AIRFLOW__CORE__AUTH_MANAGER=airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager
export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=postgresql+psycopg2://sanji@127.0.0.1:$POSTGRES_PORT/airflow
# Airflow's own choice for its asynchronous connections, asyncpg, is one driver more.
export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC=postgresql+psycopg_async://sanji@127.0.0.1:$POSTGRES_PORT/airflow
export SANJI_STORE_URL=postgresql+psycopg://sanji@127.0.0.1:$POSTGRES_PORT/sanji

trap stop_all EXIT
trap 'exit 0' INT TERM

if [[ ! -d $data ]]; then
    install -d -m 700 "$data"
    if [[ $EUID -eq 0 ]]; then chown postgres "$data"; fi
    # Trust on the loopback interface: this is for one person's machine.
    "${as_postgres[@]}" "$postgres_bin/initdb" -D "$data" -U sanji -A trust -E UTF8 --locale=C.UTF-8 \
        >"$AIRFLOW_HOME/logs/initdb.log"
fi
start postgres "${as_postgres[@]}" "$postgres_bin/postgres" -D "$data" -h 127.0.0.1 -p "$POSTGRES_PORT" -k ''
waited=0
until "$postgres_bin/pg_isready" -q -h 127.0.0.1 -p "$POSTGRES_PORT" -U sanji -d postgres; do
    if ! kill -0 "${pids[0]}" 2>/dev/null || ((++waited > 100)); then
        echo "PostgreSQL did not start; see $AIRFLOW_HOME/logs/postgres.log" >&2
        exit 1
    fi
    sleep 0.2
done
client=(-h 127.0.0.1 -p "$POSTGRES_PORT" -U sanji)
for database in airflow sanji; do
    there=$("$postgres_bin/psql" "${client[@]}" -tAc "select 1 from pg_database where datname = '$database'" postgres)
    if [[ -z $there ]]; then "$postgres_bin/createdb" "${client[@]}" "$database"; fi
done

migrate
if [[ ! -e $password_file ]]; then
    (umask 077 && new_word >"$password_file")
    airflow users create --username admin --password "$(cat "$password_file")" --role Admin \
        --firstname Sanji --lastname Admin --email admin@example.test >>"$AIRFLOW_HOME/logs/migrate.log" 2>&1
fi
start_airflow
cat <<TEXT
Airflow:   $AIRFLOW__API__BASE_URL
User:      admin
Passwords: $password_file
Logs:      $AIRFLOW_HOME/logs/
Commands:  SANJI_HOME=$SANJI_HOME SANJI_STORE_URL=$SANJI_STORE_URL $(command -v sanji) ...
TEXT
watch_components
