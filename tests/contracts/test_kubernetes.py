"""The files for Kubernetes are YAML with names that KubeRay's chart and the API know."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contracts.source_tree import ROOT

FOLDER = ROOT / "docs" / "how-to" / "kubernetes"
#: Values of the chart ray-cluster, as its documentation names them; others it ignores without a
#: word, which is why a test looks.
POD = {
    "affinity", "annotations", "args", "command", "containerEnv", "envFrom", "image",
    "initContainers", "labels", "lifecycle", "nodeSelector", "podSecurityContext", "ports",
    "priorityClassName", "rayStartParams", "resources", "securityContext", "serviceAccountName",
    "sidecarContainers", "tolerations", "topologySpreadConstraints", "volumeMounts", "volumes",
}  # fmt: skip
HEAD = POD | {"autoscalerOptions", "enableInTreeAutoscaling", "headService", "rayVersion"}
WORKER = POD | {"disabled", "groupName", "maxReplicas", "minReplicas", "numOfHosts", "replicas"}


def _read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text())


def test_the_values_have_names_that_the_chart_knows() -> None:
    values = _read("values.yaml")
    assert set(values) == {"image", "head", "worker"}
    assert set(values["image"]) == {"repository", "tag", "pullPolicy"}
    assert set(values["head"]) <= HEAD
    assert set(values["worker"]) <= WORKER
    worker = values["worker"]
    assert worker["minReplicas"] <= worker["replicas"] <= worker["maxReplicas"]
    # what a node tells Ray that it has is what it asks Kubernetes for
    assert worker["rayStartParams"]["num-cpus"] == worker["resources"]["requests"]["cpu"]
    assert values["head"]["rayStartParams"]["num-cpus"] == "0"
    for node in (values["head"], worker):
        assert all(isinstance(value, str) for value in node["rayStartParams"].values())
        assert all(set(entry) == {"name", "value"} for entry in node["containerEnv"])


def test_the_job_and_the_workers_see_the_same() -> None:
    job, values = _read("ingest.yaml"), _read("values.yaml")
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    image = values["image"]
    assert container["image"] == f"{image['repository']}:{image['tag']}"
    assert container["volumeMounts"] == values["worker"]["volumeMounts"]
    assert pod["volumes"] == values["worker"]["volumes"]
    assert container["envFrom"] == values["worker"]["envFrom"] == values["head"]["envFrom"]
    assert container["env"] == values["worker"]["containerEnv"]
    mounted = {m["mountPath"] for m in container["volumeMounts"]}
    (script,) = container["args"]
    assert all(place in script for place in mounted), "it reads what is mounted"


@pytest.mark.parametrize("name", ["ingest.yaml", "values.yaml"])
def test_no_secret_stands_in_a_file(name: str) -> None:
    text = Path(FOLDER / name).read_text()
    assert not [word for word in ("AWS_SECRET", "RAY_AUTH_TOKEN:", "password") if word in text]
