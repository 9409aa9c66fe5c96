"""Datasets: what counts of a period, outside the workspace, for those who compute further: files and PostgreSQL.

`shape` says what tables there are, `source` reads them out of a workspace, `files` and `dictionary` write a partition,
`postgres` keeps the same tables in a database; `engine` computes indicators and totals on either. The only place that
knows duckdb and psycopg; both are imported inside the functions that need them.
"""
