"""Exchange: evidence that can be believed without trusting who carried it.

Signed statements (DSSE, in-toto), keys, and positions moved so that places do not show.
"""
