#!/bin/sh
# Writes docker/.env with random secrets, once. Airflow encrypts its connections with the Fernet key: keep the file.
set -eu
file=$(cd "$(dirname "$0")" && pwd)/.env
if [ -e "$file" ]; then
    echo "$file is there already; nothing changed" >&2
    exit 0
fi
secret() { head -c 32 /dev/urandom | base64 | tr '+/' '-_'; } # url-safe, as Fernet wants it
word() { head -c 18 /dev/urandom | base64 | tr -d '+/='; }
umask 077
cat >"$file" <<TEXT
SANJI_FERNET_KEY=$(secret)
SANJI_API_SECRET=$(word)
SANJI_JWT_SECRET=$(secret)
SANJI_DATABASE_PASSWORD=$(word)
SANJI_ADMIN_PASSWORD=$(word)
COMPOSE_PROJECT_NAME=sanji
# Comma-separated programme keys; empty = all in force.
SANJI_PROGRAMMES=
# Where counties' files arrive: <programme>/<period>/<unit code>/files.
SANJI_DROP_FOLDER=./drop
TEXT
echo "Wrote $file"
