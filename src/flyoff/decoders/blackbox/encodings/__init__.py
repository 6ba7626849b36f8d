"""How blackbox packs integers into bytes: one reader for each encoding that a header can name."""
