"""Arrays to estimates; knows nothing of drones.

Plain numbers in, named results out: an `estimate.Estimate` carries value, interval, level,
sides, method and n. Import the module that names the quantity; nothing is loaded here.

- one share: `proportions`, `sizing`, `predictive`
- one share under peeking: `confidence_sequence`, `sequential`
- shares of several: `comparison`, `ranking`, `multiplicity`
- shares from vehicles: `clustering`, `clustered_bounds`, `beta_binomial`
- failures in time: `mtbf`, `rates`, `exponential_plans`, `survival`, `weibull`, `recurrence`
- change in time: `trend`, `growth`, `duane`
- lots: `lots`, `acceptance`
- misses: `accuracy`, `order_statistics`
- sensors: `logistic`, `classification`, `consistency`
"""
