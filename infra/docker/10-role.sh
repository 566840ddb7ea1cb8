#!/bin/sh
# Runs once, when PostgreSQL makes its data folder: the product's role owns its database and is no superuser.
set -eu
psql --set=ON_ERROR_STOP=1 --set=password="$TROIKA_DB_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE troika LOGIN PASSWORD :'password';
CREATE DATABASE troika OWNER troika;
REVOKE ALL ON DATABASE troika FROM PUBLIC;
SQL
