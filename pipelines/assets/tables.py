"""Assets that are one SQL file each: sql/marts/<name>.sql. A table by quarter is replaced for the quarters of the run only."""

from collections.abc import Iterator

import dagster as dg

from pipelines.assets.partitions import ONE_RUN
from pipelines.checks import check_results, check_specs
from pipelines.question_use import question_use
from pipelines.resources import Workplace
from pipelines.warehouse import mart_sql

# What each table is made from, in the order of the flow.
BY_QUARTER: dict[str, list[str]] = {
    "cells": ["submissions"],
    "indicator_facts": ["cells"],
    "group_values": ["indicator_values"],
    "status_counts": ["indicator_values"],
    "trend_points": ["cells", "indicator_values", "barred"],
    "score_terms": ["indicator_values", "barred"],
    "unit_reporting": ["cells", "submissions"],
    "reporting": ["unit_reporting"],
    "question_reporting": ["cells"],
    "answer_counts": ["cells"],
    "load": ["cells", "submissions"],
    "grades": ["cells"],
    "judged_twice": ["indicator_values", "barred"],
    "standing_changes": ["judged_twice"],
    "quarter_changes": ["judged_twice", "unit_reporting"],
}
WHOLE: dict[str, list[str]] = {
    "answers": ["files_read"],
    "findings": ["answer_findings", "history_findings", "unidentified_files"],
    "submissions": ["answer_findings", "history_findings", "unidentified_files"],
    "outlier_norms": ["history_findings"],
    "outlier_coverage": ["history_findings"],
    "signs": ["signs_found"],
    "sign_tests": ["signs_found"],
    "barred": ["submissions", "grades"],
    "judged_reporting": ["submissions"],
    "judged_quality": ["submissions", "grades"],
    "held_values": ["indicator_values", "barred"],
    "judged_performance": ["held_values", "repeated_misses"],
    "judged_trend": ["trends", "barred"],
    "judged_peer": ["indicator_values", "barred", "judged_performance"],
    "judged_pattern": ["signs", "submissions"],
    "flag_history": [
        "judged_reporting",
        "judged_quality",
        "judged_performance",
        "judged_trend",
        "judged_peer",
        "judged_pattern",
    ],
    "flags": ["flag_history"],
    "flag_runs": ["flag_history", "submissions", "grades"],
    "candidates": ["scores", "flags"],
}


def table_assets(quarters: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """All SQL tables, and what becomes of each question's answers."""
    by_quarter = [_by_quarter(name, deps, quarters) for name, deps in BY_QUARTER.items()]
    return [*by_quarter, *(_whole(name, deps) for name, deps in WHOLE.items()), _question_use]


def _by_quarter(name: str, deps: list[str], quarters: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    @dg.asset(
        name=name, group_name="marts", deps=deps, partitions_def=quarters, backfill_policy=ONE_RUN,
        description=_description(name), check_specs=check_specs(name), required_resource_keys={"workplace"},
    )  # fmt: skip
    def table(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        workplace: Workplace = context.resources.workplace
        workplace.report(f"计算 {name}")
        warehouse = workplace.warehouse
        for periods in workplace.batches(context.partition_keys):
            warehouse.set_due(periods)
            warehouse.remake_periods(name)
        yield dg.MaterializeResult(check_results=check_results(warehouse, name))

    return table


def _whole(name: str, deps: list[str]) -> dg.AssetsDefinition:
    @dg.asset(
        name=name,
        group_name="marts",
        deps=deps,
        description=_description(name),
        check_specs=check_specs(name),
        required_resource_keys={"workplace"},
    )
    def table(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        workplace: Workplace = context.resources.workplace
        workplace.report(f"计算 {name}")
        warehouse = workplace.warehouse
        warehouse.make(name)
        yield dg.MaterializeResult(check_results=check_results(warehouse, name))

    return table


@dg.asset(
    name="question_use",
    group_name="marts",
    deps=["answer_counts", "question_reporting"],
    check_specs=check_specs("question_use"),
    required_resource_keys={"workplace"},
)
def _question_use(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Whether the answers to a question vary, what it feeds, and whether to propose its removal. Grain: question. Source: clause S1.4."""
    workplace: Workplace = context.resources.workplace
    warehouse, inputs = workplace.warehouse, workplace.inputs
    counts = warehouse.frame("answer_counts", "select period, question, answer, answers from answer_counts")
    units = warehouse.frame(
        "question_reporting",
        "select period, question, sum(units_answering)::integer as units from question_reporting "
        "where period in (select period from dim_period where is_due) group by period, question",
    )
    last = inputs.periods[-1] if inputs.periods else None
    warehouse.replace("question_use", question_use(counts, units, workplace.catalogue, last))
    yield dg.MaterializeResult(check_results=check_results(warehouse, "question_use"))


def _description(name: str) -> str:
    """The comment on top of the table's SQL."""
    lines = mart_sql(name).splitlines()
    return " ".join(line.removeprefix("--").strip() for line in lines if line.startswith("--"))
