"""Redaction: a log rewritten in its own format without places, dates and identities.

What a field is stands in a table for each format (``fields/``), what happens to its kind in a
policy (``policies/``); what stands in neither is not in the result. ``flyoff.exchange.audit`` then
searches the result for what it was meant to lose.
"""
