"""Recordings to sorties: link, segment, phases, outcome, cause."""
