"""What the API takes and gives, typed; ``web/openapi.json`` is written from it."""
