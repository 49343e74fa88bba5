"""Running what is due, in this process, with the definitions that Dagster's own page uses."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from expectations import Catalogue
from pipelines.due import due_periods
from pipelines.failures import RunFailed
from pipelines.marts.publish import sweep
from pipelines.marts.published import PublishedRun
from pipelines.plan import Inputs
from pipelines.resources import Report
from pipelines.run_lock import one_run
from pipelines.settings import Settings
from pipelines.system_errors import about, refusal_in

_DOCS_STEP = "data_docs"
_DAGSTER_YAML = """\
telemetry:
  enabled: false
storage:
  custom:
    module: pipelines.event_log
    class: KeptOpen
    config:
      base_dir: {env: DAGSTER_HOME}
"""


@dataclass(frozen=True)
class RunSummary:
    """What a run did: the quarters, and counts of the published result. `periods` is empty where nothing was due.

    docs_failure: why the Data Docs could not be built after publication; None where they are current.
    """

    periods: list[str]
    states: Counter[str]
    severities: Counter[str]
    flags: Counter[str]
    docs_failure: str | None = None


def prepare_dagster_home(home: Path) -> None:
    """Make Dagster's folder, with telemetry off and files kept open, and point Dagster to it."""
    home.mkdir(parents=True, exist_ok=True)
    config = home / "dagster.yaml"
    if not config.exists() or config.read_text("utf-8") != _DAGSTER_YAML:
        config.write_text(_DAGSTER_YAML, "utf-8")
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"


def run_due(settings: Settings, catalogue: Catalogue, report: Report, again: str | None = None) -> RunSummary:
    """Work on everything that is due, and from the period `again` on where it is given.

    Raises RegistryMissing, RuleWithoutSql, WarehouseBusy, WarehouseDamaged, RunFailed; OSError where the system refuses to read or write.
    """
    with about(settings.data), one_run(settings):
        inputs = Inputs.gather(settings, catalogue)
        periods = due_periods(settings, inputs, again)
        docs_failure = None
        if periods:
            docs_failure = _execute(settings, inputs, report, periods)
        else:
            sweep(settings.marts)
        return replace(summarise(settings, periods), docs_failure=docs_failure)


def _execute(settings: Settings, inputs: Inputs, report: Report, periods: list[str]) -> str | None:
    """Work on the periods. Why the Data Docs failed, where nothing else did: they come after publication, which stands."""
    prepare_dagster_home(settings.dagster_home)
    # Seconds of imports that a run with nothing to do should not pay.
    import dagster as dg
    from sqlalchemy.exc import OperationalError  # Dagster's record of its runs is kept through it

    from pipelines.assets.partitions import range_tags
    from pipelines.definitions import JOB, build_defs

    try:
        with dg.DagsterInstance.get() as instance:
            job = build_defs(settings, lambda: inputs.catalogue, report, inputs).resolve_job_def(JOB)
            quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
            result = job.execute_in_process(
                instance=instance,
                tags=range_tags(periods[0], periods[-1]),
                raise_on_error=False,
                run_config=quiet,
            )
    except OperationalError as error:
        raise refusal_in(str(error), settings.dagster_home) or error from error
    if not result.success:
        failure = _failure(result)
        if _failed_steps(result) == {_DOCS_STEP}:
            refusal = refusal_in(failure, settings.data)
            return str(refusal or failure.strip().splitlines()[0])
        raise refusal_in(failure, settings.data) or RunFailed(failure)
    return None


def _failed_steps(result: object) -> set[str]:
    events = result.all_events  # type: ignore[attr-defined]
    return {event.step_key for event in events if event.is_failure and event.step_key}


def _failure(result: object) -> str:
    """The first failed step and its error, as text."""
    failures = [event for event in result.all_events if event.is_failure and event.step_key]  # type: ignore[attr-defined]
    lines = [f"{event.step_key}: {event.event_specific_data.error.to_string()}" for event in failures[:1]]
    return "\n".join(lines) or "the run was cut short"


def summarise(settings: Settings, periods: list[str]) -> RunSummary:
    """Counts of what is published now; reviewers' questions (flags of kind pattern) are on their page alone."""
    run = PublishedRun.open(settings.marts)

    def count(table: str, column: str) -> Counter[str]:
        return Counter(run.read(table)[column].to_list())

    flags = count("flags", "kind")
    del flags["pattern"]
    return RunSummary(periods, count("submissions", "state"), count("findings", "severity"), flags)
