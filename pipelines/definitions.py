"""The Dagster code location. `build_defs` assembles it and takes overrides; nothing happens at import."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import nullcontext

import dagster as dg

from expectations import Catalogue, load_catalogue
from pipelines.assets.comparison import comparison_assets
from pipelines.assets.dimensions import dimension_assets
from pipelines.assets.flags import repeated_misses
from pipelines.assets.partitions import quarters, range_tags
from pipelines.assets.publication import publication_assets
from pipelines.assets.selection import selection_assets
from pipelines.assets.signs import signs_asset
from pipelines.assets.submissions import submission_assets
from pipelines.assets.tables import table_assets
from pipelines.assets.trends import trends_asset
from pipelines.due import due_periods
from pipelines.plan import Inputs, is_published
from pipelines.resources import Report, workplace_resource
from pipelines.run_lock import one_run
from pipelines.settings import Settings
from pipelines.store.registry import RegistryMissing
from pipelines.warehouse import WarehouseBusy

JOB = "quarters"


def build_defs(
    settings: Settings | None = None,
    load: Callable[[], Catalogue] = load_catalogue,
    report: Report = lambda line: None,
    inputs: Inputs | None = None,
) -> dg.Definitions:
    """All assets, checks, the job and the sensor. Overrides: where the data is, which catalogue, who is told of progress, and inputs gathered before."""
    settings = settings or Settings()
    # One run over many quarters is marked beta in this version of Dagster, and said once for each asset.
    warnings.simplefilter("ignore", dg.BetaWarning)
    partitions = quarters(load())
    job = dg.define_asset_job(
        JOB, selection=dg.AssetSelection.all(), description="Everything for one quarter, or a range of them."
    )
    return dg.Definitions(
        assets=[
            dimension_assets(),
            *submission_assets(partitions),
            *table_assets(partitions),
            *comparison_assets(partitions),
            repeated_misses,
            *selection_assets(partitions),
            signs_asset(partitions),
            trends_asset(),
            *publication_assets(partitions),
        ],
        jobs=[job],
        sensors=[_due_sensor(settings, load)],
        resources={"workplace": workplace_resource(settings, load, report, inputs)},
        executor=dg.in_process_executor,
    )


def _due_sensor(settings: Settings, load: Callable[[], Catalogue]) -> dg.SensorDefinition:
    @dg.sensor(
        name="due",
        job_name=JOB,
        minimum_interval_seconds=60,
        description="Asks for a run over the quarters that are due.",
    )
    def due() -> Iterator[dg.RunRequest | dg.SkipReason]:
        try:
            inputs = Inputs.gather(settings, load())
            # The lock only where the warehouse is looked at: a run that is started meanwhile is not to find it taken.
            with nullcontext() if is_published(inputs, settings) else one_run(settings):
                periods = due_periods(settings, inputs)
        except (RegistryMissing, WarehouseBusy) as reason:
            yield dg.SkipReason(str(reason))
            return
        if not periods:
            yield dg.SkipReason("没有需要处理的新内容。")
            return
        yield dg.RunRequest(run_key=inputs.digest, tags=range_tags(periods[0], periods[-1]))

    return due


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster's own commands load."""
    return build_defs()
