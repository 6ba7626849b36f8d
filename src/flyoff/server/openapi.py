"""Write the OpenAPI document that the page's types are generated from.

python -m flyoff.server.openapi web/openapi.json
"""

import json
import sys
from pathlib import Path

from fastapi import FastAPI

from flyoff.server.app import ROUTERS, schema


def text() -> str:
    """The document, always the same for the same code."""
    app = FastAPI(title="Flyoff", separate_input_output_schemas=False)
    for router in ROUTERS:
        app.include_router(router)
    return json.dumps(schema(app), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(target: str) -> None:
    """Write the document, if it is another one."""
    path, made = Path(target), text()
    if not path.exists() or path.read_text(encoding="utf-8") != made:
        path.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
