"""Counter-drone trials: what a sensor reported, scored against the target drone's own log.

Sensors and scores only. Definitions are frozen in docs/explanation/trial-scores.md.
"""
