"""Quarters as partitions. One run works on any number of them: a run costs seconds, a key does not."""

import dagster as dg

from expectations import Catalogue

ONE_RUN = dg.BackfillPolicy.single_run()


def quarters(catalogue: Catalogue) -> dg.StaticPartitionsDefinition:
    """The periods of the calendar."""
    return dg.StaticPartitionsDefinition([str(period) for period in catalogue.calendar.periods])


def range_tags(first: str, last: str) -> dict[str, str]:
    """The tags of a run over all quarters from first to last."""
    return {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
