"""Assets of the selection: scores by quarter, and the yearly lists that follow from them."""

from collections.abc import Iterator

import dagster as dg

from pipelines.assets.partitions import ONE_RUN
from pipelines.checks import check_results, check_specs
from pipelines.resources import Workplace
from pipelines.selection.contact_points import make_contact_points
from pipelines.selection.scores import scores_of_each
from pipelines.selection.shortlist import make_lists
from pipelines.selection.words import Names
from pipelines.warehouse import Warehouse

LISTS = ("shortlist", "shortlist_scores", "shortlist_dimensions", "shortlist_gates", "contact_points")
NAMES = """
    select i.indicator, i.label_zh, i.unit, i.clause, c.label_zh as clause_zh
    from dim_indicator i join dim_clause c using (clause)
    qualify row_number() over (partition by i.indicator order by i.effective_from desc) = 1
    order by i.indicator
"""
QUARTER_TERMS = """
    select period, unit_code, indicator, dimension, peer_group, attainment
    from score_terms
    where list_contains(?::varchar[], period)
    order by period, unit_code, indicator
"""
YEAR_TERMS = """
    select p.year, t.unit_code, t.indicator, t.dimension, t.clause, t.numerator, t.denominator, t.value, t.standard, t.due_share::double as due_share,
           t.direction, t.stated, t.standard is not null and coalesce(m.plain = 'red', false) as red_if_missed, t.attainment
    from score_terms t join dim_period p using (period)
    left join miss_levels m on m.period = t.period and not m.is_branch and m.stated = t.stated
    where p.quarter = 4 and p.is_due
    order by p.year, t.unit_code, t.indicator
"""


def selection_assets(quarters: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """scores, and the lists of LISTS."""

    @dg.asset(
        group_name="marts", deps=["score_terms"], partitions_def=quarters, backfill_policy=ONE_RUN, name="scores",
        check_specs=check_specs("scores"), required_resource_keys={"workplace"},
    )  # fmt: skip
    def scored(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        """Scores by dimension and in total, ranked inside the peer group, with rank intervals. Grain: unit, period, dimension."""
        workplace: Workplace = context.resources.workplace
        workplace.report("计算 scores")
        warehouse = workplace.warehouse
        batches = list(workplace.batches(context.partition_keys))
        terms = (warehouse.frame("score_terms", QUARTER_TERMS, [periods]) for periods in batches)
        for periods, found in zip(batches, scores_of_each(terms, workplace.catalogue.selection), strict=True):
            warehouse.set_due(periods)
            warehouse.replace_periods("scores", found)
        yield dg.MaterializeResult(check_results=check_results(warehouse, "scores"))

    @dg.multi_asset(
        name="selection",
        specs=[
            dg.AssetSpec(name, group_name="marts", deps=["candidates", "score_terms", "miss_levels"])
            for name in LISTS
        ],
        check_specs=[spec for name in LISTS for spec in check_specs(name)],
        required_resource_keys={"workplace"},
    )
    def selection(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        """Model units and contact points of each year, chosen and not, with every number behind the choice. Source: clauses O2.1, O2.4."""
        workplace: Workplace = context.resources.workplace
        workplace.report("评选示范点")
        make_selection(workplace.warehouse, workplace)
        for name in LISTS:
            yield dg.MaterializeResult(asset_key=name, check_results=check_results(workplace.warehouse, name))

    return [scored, selection]


def make_selection(warehouse: Warehouse, workplace: Workplace) -> None:
    """Make the tables of LISTS anew."""
    rules = workplace.catalogue.selection
    candidates = warehouse.frame("candidates", "select * from candidates order by year, unit_code")
    terms = warehouse.frame("score_terms", YEAR_TERMS)
    labels = warehouse.run(
        "dim_label", "select code, label_zh from dim_label where enumeration = 'dimension'"
    )
    names = Names(warehouse.frame("dim_indicator", NAMES), dict(labels))
    lists = make_lists(candidates, terms, names, rules)
    for name, frame in zip(LISTS, lists, strict=False):
        warehouse.replace(name, frame)
    chosen = lists.shortlist.filter("selected").select("year", "unit_code")
    warehouse.replace("contact_points", make_contact_points(candidates, terms, names, chosen, rules))
