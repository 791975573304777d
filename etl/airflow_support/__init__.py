"""What the files in `dags/` share: partition keys, assets, retry policy, when to announce again."""
