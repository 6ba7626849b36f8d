"""The tables and the raw files of a store (DESIGN.md, section 6): Delta and Arrow live here."""
