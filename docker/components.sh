# Sourced by airflow.sh and native.sh: settings that both share, and starting and watching the four processes.
# shellcheck shell=bash

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [[ -x $repo/.venv/bin/airflow ]]; then
    PATH=$repo/.venv/bin:$PATH
fi

# Airflow's settings. The caller has chosen AIRFLOW_HOME; AIRFLOW_PORT may be given.
common_settings() {
    local port=${AIRFLOW_PORT:-8080}
    require_free AIRFLOW_PORT "$port"
    AIRFLOW_HOME=$(realpath -m -- "$AIRFLOW_HOME") # Airflow takes SQLite by an absolute path alone
    export PATH AIRFLOW_HOME
    export AIRFLOW__CORE__DAGS_FOLDER=$repo/dags
    export AIRFLOW__CORE__LOAD_EXAMPLES=False
    export AIRFLOW__CORE__EXECUTOR=LocalExecutor
    export AIRFLOW__CORE__DEFAULT_TIMEZONE=Asia/Shanghai
    export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS=admin:admin,ops:op,maintainer:user,bureau:viewer
    export AIRFLOW__CORE__EXECUTION_API_SERVER_URL=http://127.0.0.1:$port/execution/
    export AIRFLOW__API__HOST=127.0.0.1 AIRFLOW__API__PORT=$port AIRFLOW__API__BASE_URL=http://127.0.0.1:$port
    export AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL=10
    export GX_ANALYTICS_ENABLED=false
    SANJI_HOME=$(realpath -m -- "${SANJI_HOME:-$repo/.sanji}") # a task's working folder is not the one we were started in
    export SANJI_HOME
    mkdir -p "$AIRFLOW_HOME/config" "$AIRFLOW_HOME/logs"
    [[ -n ${SANJI_FEEDS:-} ]] || mkdir -p "$SANJI_HOME/feeds" # a drop folder that was named must be there: it may be a share
    cp "$repo/docker/airflow_local_settings.py" "$AIRFLOW_HOME/config/"
}

# Another server that answers on the port would be taken for ours.
require_free() { # require_free VARIABLE PORT
    if (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; then
        echo "Port $2 is taken: choose another one with $1=<port>" >&2
        exit 1
    fi
}

migrate() {
    airflow db migrate >"$AIRFLOW_HOME/logs/migrate.log" 2>&1 && return
    echo "Airflow's database could not be made; see $AIRFLOW_HOME/logs/migrate.log" >&2
    exit 1
}

pids=()

start() { # start NAME COMMAND... ; its output goes to $AIRFLOW_HOME/logs/NAME.log
    local name=$1
    shift
    setsid "$@" >"$AIRFLOW_HOME/logs/$name.log" 2>&1 &
    pids+=($!)
}

# Each component leads a process group of its own, so that its children go with it.
stop_all() {
    trap - EXIT INT TERM
    local pid
    for pid in "${pids[@]}"; do kill -TERM -- "-$pid" 2>/dev/null || true; done
    for _ in $(seq 1 80); do
        kill -0 "${pids[@]}" 2>/dev/null || break
        sleep 0.1
    done
    for pid in "${pids[@]}"; do kill -KILL -- "-$pid" 2>/dev/null || true; done
}

healthy() {
    curl -fsS "$AIRFLOW__API__BASE_URL/api/v2/monitor/health" 2>/dev/null |
        python -c 'import json, sys; sys.exit(any(c["status"] != "healthy" for c in json.load(sys.stdin).values()))' 2>/dev/null
}

# The log servers of scheduler and triggerer would listen on every interface; the log folder is shared instead.
start_airflow() {
    start api-server airflow api-server
    start scheduler airflow scheduler --skip-serve-logs
    start dag-processor airflow dag-processor
    start triggerer airflow triggerer --skip-serve-logs
    local waited=0
    until healthy; do
        if ! kill -0 "${pids[@]}" 2>/dev/null; then
            echo "A component stopped while starting; see $AIRFLOW_HOME/logs/*.log" >&2
            return 1
        fi
        if ((++waited > 300)); then
            echo "Airflow is not healthy after five minutes; see $AIRFLOW_HOME/logs/*.log" >&2
            return 1
        fi
        sleep 1
    done
}

# Airflow's own `standalone` goes on when a component dies, and runs then wait for ever without a word.
watch_components() {
    wait -n "${pids[@]}" || true
    echo "A component stopped, so Airflow is being stopped; see $AIRFLOW_HOME/logs/*.log" >&2
    return 1
}
