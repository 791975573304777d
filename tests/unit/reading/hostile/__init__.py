"""Makes, in memory, the files that counties and attackers send. Nothing binary is kept in the repository."""
