"""Runs a student's code: in a sandbox, on lent data; and reads what it has returned."""
