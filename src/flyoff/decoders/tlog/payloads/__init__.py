"""Payloads to columns."""
