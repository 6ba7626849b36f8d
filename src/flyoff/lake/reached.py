"""How an object store is reached: without TLS where that was meant; what to set where it is not.

What the libraries read from the environment is theirs; this only reads the endpoint, and turns the
two failures that everybody meets first into the names of the variables that mend them.
"""

import json
import os
from typing import Final

#: Where a machine of a cloud asks for the credentials of its role: tried when none were given.
_METADATA: Final = ("169.254.169.254", "metadata.google.internal")
_ENDPOINTS: Final = {
    "s3": ("AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "gs": ("GOOGLE_BASE_URL",),
    "az": ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT", "AZURITE_BLOB_STORAGE_URL"),
}
_ACCOUNT: Final = ("GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH")
_WANTED: Final = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS or GOOGLE_SERVICE_ACCOUNT",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or a SAS token",
}


def cloud_of(url: str) -> str:
    """Whose the object store of a URL is: ``s3`` (and what speaks it), ``gs`` or ``az``.

    Examples
    --------
    >>> cloud_of("s3a://b/x"), cloud_of("gs://b"), cloud_of("abfss://c@acc.dfs.core.windows.net")
    ('s3', 'gs', 'az')
    """
    scheme = url.partition(":")[0].lower()
    return {"s3": "s3", "s3a": "s3", "gs": "gs"}.get(scheme, "az")


def is_plain(url: str) -> bool:
    """Whether the environment names an endpoint without TLS, which then was meant."""
    cloud = cloud_of(url)
    named = [os.environ.get(name, "") for name in _ENDPOINTS[cloud]]
    endpoint = next(filter(None, named), "") or (_endpoint_of_account() if cloud == "gs" else "")
    return endpoint.lower().startswith("http://")


def _endpoint_of_account() -> str:
    """Google's is in the file of the account, where it is not Google's own."""
    file = next(filter(None, (os.environ.get(name) for name in _ACCOUNT)), "")
    try:
        with open(file, encoding="utf-8") as account:
            return str(json.load(account).get("gcs_base_url", ""))
    except (OSError, ValueError, AttributeError):
        return ""  # who opens the store tells what is wrong with it


def delta_options(url: str) -> dict[str, str] | None:
    """What Delta has to know beyond the environment."""
    if not is_plain(url):
        return None
    return {"AWS_ALLOW_HTTP": "true"} if cloud_of(url) == "s3" else {"allow_http": "true"}


def hint(problem: str) -> str:
    """What to set, where a problem is that nothing was; empty where it is another."""
    is_asking = any(place in problem for place in _METADATA)
    if is_asking or "must be specified" in problem:
        cloud = "gs" if "GCS" in problem else "az" if "Azure" in problem else "s3"
        return f"no credentials were found: set {_WANTED[cloud]}"
    return ""
