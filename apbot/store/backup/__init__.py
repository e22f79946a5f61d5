"""Backups: every row of every table in one file, and a database made of such a file again."""
