"""Bundles: a campaign's evidence in one signed file that is believed whole or not at all."""
