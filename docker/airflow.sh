#!/usr/bin/env bash
# Airflow on this machine for trying out: SQLite, no services, everything under .airflow/. Ctrl-C stops it.
#   AIRFLOW_HOME=<folder>  AIRFLOW_PORT=<port>  docker/airflow.sh
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/components.sh"

AIRFLOW_HOME=${AIRFLOW_HOME:-$repo/.airflow}
common_settings
# SQLite has one writer: with Airflow's default of 32 the scheduler dies of "database is locked". Whoever finds it locked waits a minute,
# not the five seconds after which a press of a button was answered with error 500.
export AIRFLOW__CORE__PARALLELISM=4
export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="sqlite:///$AIRFLOW_HOME/airflow.db?timeout=60"

trap stop_all EXIT
trap 'exit 0' INT TERM
migrate
start_airflow
cat <<TEXT
Airflow:   $AIRFLOW__API__BASE_URL
Users:     admin, ops (op), maintainer (user), bureau (viewer)
Passwords: $AIRFLOW_HOME/simple_auth_manager_passwords.json.generated
Logs:      $AIRFLOW_HOME/logs/
Commands:  SANJI_HOME=$SANJI_HOME $(command -v sanji) ...
Files:     ${SANJI_FEEDS:-$SANJI_HOME/feeds}/<programme>/<period>/<unit code>/
To see a half-year go through, in another terminal (what is switched on also takes up the half-year that has just ended):
  SANJI_HOME=$SANJI_HOME $(command -v sanji) simulate --period 2018H1
  AIRFLOW_HOME=$AIRFLOW_HOME $(command -v airflow) backfill create --dag-id gather_submissions --from-date 2018-01-01 --to-date 2018-06-30
  AIRFLOW_HOME=$AIRFLOW_HOME $(command -v airflow) dags unpause gather_submissions
TEXT
watch_components
