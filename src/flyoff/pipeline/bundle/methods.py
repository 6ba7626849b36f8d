"""The page ``methods.md`` of a bundle: how to read it without us."""

from typing import Final

METHODS: Final = """\
# How this evidence was made

Each sortie was judged by the rules named in `rules_version` from a flight log that is identified
by the SHA-256 of its original bytes. Who holds an original can prove that it is the one judged.

- `tables/evidence.parquet`: what counts, each sortie once; cards without a log included. The
  outcome that counts is `reviewed`, else `judged`, else, where undetermined or absent, `told`.
- `tables/sorties`, `findings`, `measures`: what the rules concluded. `reviews`: what people said.
- `undetermined` is neither success nor failure: it counts against a verdict at either end.
- `verdicts.json`: every requirement as met, missed or undecided with the interval that decided.
  Each end is a one-sided bound at the stated confidence, valid for the looks and the correlation
  between sorties of one vehicle that `campaign/campaign.toml` states.
- Names of vehicles, people and sites are keyed pseudonyms; dates and texts as `policy.toml` says.
  Tables hold no positions. Redacted logs under `logs/` were moved and turned as rigid bodies.

All files are listed by digest in `manifest.json`; `statement.dsse.json` signs that list.
Evidence of several origins is not evidence of one: pool it with the differences between origins.
"""
