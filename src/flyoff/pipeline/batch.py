"""Judge many logs: what ``flyoff judge`` does, without its printing."""

from collections.abc import Iterator, Sequence
from functools import partial

from flyoff.pipeline import local
from flyoff.pipeline.lean import load_kernels
from flyoff.pipeline.local import Failed
from flyoff.pipeline.steps import JudgedLog, judge_log
from flyoff.pipeline.walk import Found
from flyoff.stages import LOG, is_watched, stage


def judge_file(found: Found, plan: str | None = None, *, with_tracks: bool = False) -> JudgedLog:
    """Judge one file; the function that crosses to the worker processes."""
    load_kernels()
    with stage(LOG, bytes=found.size if is_watched() else 0):
        return judge_log(found.path, plan, with_tracks=with_tracks)


def judge_many(
    files: Sequence[Found],
    *,
    plan: str | None = None,
    jobs: int | None = None,
    with_tracks: bool = False,
) -> Iterator[tuple[Found, JudgedLog | Failed]]:
    """Judge files and yield the results in their order, each as soon as it is ready.

    Parameters
    ----------
    files : sequence of Found
    plan : str or None
        One plan for all of them; by default each log's own.
    jobs : int or None
        Processes; None decides by the work there is.
    with_tracks : bool
        Keep where each recording flew, as linking needs it.
    """
    sizes = [f.size for f in files]
    work = partial(judge_file, plan=plan, with_tracks=with_tracks)
    count = local.jobs_for(sizes, jobs)
    return local.run(work, files, count, sizes=sizes, loaded="flyoff.pipeline.loaded.judging")
