"""The written report: one document of plain blocks, set as PDF and as HTML."""
