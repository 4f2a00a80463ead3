"""Pictures of the table, for README."""
