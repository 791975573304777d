-- Airflow's tables and ours in databases of their own: each migrates and is backed up by itself.
create database sanji;
