"""The last assets: noting which quarters are done, putting all marts out together, and the documents on their rules."""

import dagster as dg

from pipelines.assets.partitions import ONE_RUN
from pipelines.assets.signs import SIGN_TABLES
from pipelines.assets.tables import BY_QUARTER
from pipelines.data_docs.build import build_docs, documented_periods
from pipelines.due import done_digests
from pipelines.marts.publish import publish
from pipelines.marts.published import PublishedRun
from pipelines.marts.tables import MARTS
from pipelines.plan import Inputs
from pipelines.resources import Workplace
from pipelines.warehouse import Warehouse


def publication_assets(quarters: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """quarters_done, published_marts and data_docs."""

    @dg.asset(
        group_name="publication",
        deps=[*BY_QUARTER, "scores", "signs_found"],
        partitions_def=quarters,
        backfill_policy=ONE_RUN,
        required_resource_keys={"workplace"},
    )
    def quarters_done(context: dg.AssetExecutionContext) -> None:
        """The digest of the inputs that each quarter was worked on with. Grain: period."""
        workplace: Workplace = context.resources.workplace
        warehouse = workplace.warehouse
        warehouse.set_due(list(context.partition_keys))
        with warehouse.transaction():
            for table in (*BY_QUARTER, "scores", *SIGN_TABLES):
                warehouse.run(
                    table, f'delete from "{table}" where period not in (select period from dim_period)'
                )
            note_done(warehouse, workplace.inputs, list(context.partition_keys))

    @dg.asset(group_name="publication", deps=[quarters_done, *MARTS], required_resource_keys={"workplace"})
    def published_marts(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        """All marts as Parquet with manifest.json, swapped in at once; skipped where any contract is broken."""
        workplace: Workplace = context.resources.workplace
        workplace.report("发布结果")
        warehouse = workplace.warehouse
        if never := sorted(set(workplace.inputs.digests) - set(done_digests(warehouse))):
            raise dg.Failure(
                f"{never[0]} and {len(never) - 1} more quarters have never been worked on: run them too. What was published stays."
            )
        manifest = publish(warehouse, workplace.settings.marts, facts(workplace, warehouse))
        return dg.MaterializeResult(
            metadata={"run": manifest["run"], "rows": sum(t["rows"] for t in manifest["tables"].values())}
        )

    @dg.asset(group_name="publication", deps=[published_marts], required_resource_keys={"workplace"})
    def data_docs(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        """Great Expectations' Data Docs of each quarter. What was published stays, whatever happens here."""
        workplace: Workplace = context.resources.workplace
        settings = workplace.settings
        run = PublishedRun.open(settings.marts)
        periods = documented_periods(run)
        built = build_docs(run, workplace.catalogue, settings.data_docs, periods, workplace.report)
        return dg.MaterializeResult(metadata={"periods": built})

    return [quarters_done, published_marts, data_docs]


def note_done(warehouse: Warehouse, inputs: Inputs, periods: list[str]) -> None:
    """Note the digests of these periods, as far as every period before them is current: what follows a stale one is still due."""
    done = done_digests(warehouse)
    for period, digest in inputs.digests.items():
        if period in periods:
            warehouse.run(
                "period_inputs", "insert or replace into period_inputs values (?, ?)", [period, digest]
            )
        elif done.get(period) != digest:
            break


def facts(workplace: Workplace, warehouse: Warehouse) -> dict[str, object]:
    """What the manifest says of where the marts come from. `inputs` is null where a quarter is still due."""
    inputs, identity = workplace.inputs, workplace.catalogue.identity
    done = done_digests(warehouse)
    return {
        "synthetic": any(entry.is_synthetic for entry in inputs.registry.entries),
        "catalogue": {"version": identity.catalogue_version, "sha256": workplace.catalogue.sha256, "title_zh": identity.title_zh, "issuer_zh": identity.issuer_zh},
        "inputs": None if inputs.due(done) else inputs.digest,
        "clock": inputs.clock.isoformat(),
        "time_zone": inputs.catalogue.calendar.time_zone,
        "periods": dict(sorted(done.items())),
        "selection": workplace.catalogue.selection.model_dump(mode="json"),
    }  # fmt: skip
