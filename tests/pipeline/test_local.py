"""Many tasks through N processes: in order, and a dead worker costs one task."""

import multiprocessing
import os
from pathlib import Path

import pytest

from flyoff.errors import SourceError
from flyoff.pipeline import forking, local
from flyoff.pipeline.local import Failed
from tests.pipeline.work import act, opaque


def _run(tasks: list[str], jobs: int) -> list[object]:
    found = list(local.run(act, tasks, jobs))
    assert [task for task, _ in found] == tasks
    return [result for _, result in found]


def test_one_job_stays_in_this_process() -> None:
    assert _run(["echo a", "echo b"], 1) == [f"echo {w} in {os.getpid()}" for w in "ab"]


def test_results_come_in_the_order_of_the_tasks(tmp_path: Path) -> None:
    """The first task ends when the last has: its result is the last to come and the first out."""
    done = tmp_path / "done"
    tasks = [f"await {done}", *(f"echo {i}" for i in range(7)), f"make {done}"]
    results = _run(tasks, 2)
    assert [str(r).partition(" in ")[0] for r in results] == tasks
    workers = {str(r).rpartition(" ")[2] for r in results}
    assert str(os.getpid()) not in workers
    assert len(workers) == 2


def test_a_result_is_out_as_soon_as_its_turn_has_come() -> None:
    """The second task never ends: whoever waits for it before the first is out waits for ever."""
    run = local.run(act, ["echo a", "hang"], 2)
    task, result = next(run)
    assert (task, str(result).partition(" in ")[0]) == ("echo a", "echo a")
    run.close()
    assert not multiprocessing.active_children()


@pytest.mark.parametrize(("death", "how"), [("die", "killed by SIGKILL"), ("exit", "exit code 3")])
def test_a_worker_that_dies_costs_one_task(death: str, how: str) -> None:
    tasks = ["echo a", death, "echo b", "echo c", death, "echo d"]
    results = _run(tasks, 2)
    assert [isinstance(r, Failed) for r in results] == [t == death for t in tasks]
    failed = [r for r in results if isinstance(r, Failed)]
    assert all(how in f.message and f.message.startswith(death) for f in failed)


def test_what_waits_for_a_worker_that_dies_is_done_by_another() -> None:
    tasks = [f"echo {i}" if i % 7 else f"die {i}" for i in range(60)]
    results = [r for _, r in local.run(act, tasks, 2, sizes=[10] * len(tasks))]
    assert [isinstance(r, Failed) for r in results] == [i % 7 == 0 for i in range(60)]


def test_a_large_task_goes_first_and_small_ones_in_their_order() -> None:
    sizes = [10, 10, 10, 500, 10, 10, 10, 10]
    state = local._Run(act, [f"echo {s}" for s in sizes], 2, sizes)
    assert list(state.large) == [3]
    assert list(state.waiting) == [0, 1, 2, 4, 5, 6, 7]
    done = [t for t, _ in local.run(act, list(state.tasks), 2, sizes=sizes)]
    assert done == state.tasks


def test_workers_of_a_server_know_what_the_environment_says_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forking, "may_fork", lambda: False)
    for said in ("first", "second"):
        monkeypatch.setenv("FLYOFF_SAID", said)
        run = local.run(act, ["getenv FLYOFF_SAID"] * 2, 2, loaded="tests.pipeline.work")
        assert [r for _, r in run] == [said] * 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_is_raised_becomes_one_line(jobs: int) -> None:
    refused, broken, fine = _run(["refuse a.BIN", "raise two\nlines", "echo a"], jobs)
    assert isinstance(refused, Failed)
    assert refused.message == "a.BIN: is a cake, expected a log"
    assert isinstance(refused.error, SourceError)
    assert not refused.is_bug
    assert isinstance(broken, Failed)
    assert broken.is_bug
    assert "two lines" in broken.message
    assert "Traceback" in broken.trace
    assert str(fine).startswith("echo a")


def test_a_result_that_cannot_travel_is_a_failure() -> None:
    (_, lost), (_, fine) = local.run(opaque, ["opaque", "fine"], 2)
    assert isinstance(lost, Failed)
    assert fine == "fine"


def test_more_tasks_than_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "WINDOW_PER_JOB", 2)
    assert len(_run([f"echo {i}" for i in range(21)], 2)) == 21


@pytest.mark.parametrize(
    ("sizes", "asked", "most"),
    [([1000] * 50, None, 1), ([100_000_000] * 9, None, 9), ([1000] * 9, 4, 4), ([], None, 1)],
)
def test_processes_are_started_only_if_worth_it(
    sizes: list[int], asked: int | None, most: int
) -> None:
    jobs = local.jobs_for(sizes, asked)
    assert 1 <= jobs <= most
    if asked:
        assert jobs == asked


@pytest.mark.parametrize("jobs", [1, 2])
def test_nothing_to_do_is_done(jobs: int) -> None:
    assert _run([], jobs) == []
