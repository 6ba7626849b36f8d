"""The report on a counter-drone trial: one page that needs nothing else."""
