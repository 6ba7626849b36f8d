"""Bundles made, checked and taken in: where the campaign, the lake and the exchange meet."""
