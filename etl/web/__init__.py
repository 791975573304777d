"""The maintainers' page: server-rendered, mounted in Airflow's API server or served alone by `sanji serve`."""
