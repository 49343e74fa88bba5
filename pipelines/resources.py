"""What a run works on: the settings, the catalogue, the inputs gathered once at its start, and the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property

import dagster as dg

from expectations import Catalogue
from pipelines.plan import Inputs
from pipelines.run_lock import one_run
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, open_warehouse

Report = Callable[[str], None]
# Units and branches, times quarters, that one statement works on: some 500 MiB, however large the province and however many quarters are due.
_FORMS_AT_ONCE = 120_000


class Workplace:
    """One run's view of the world. Inputs are gathered once, so that files that arrive during a run wait for the next; the
    warehouse is opened at the first step that needs it and stays open, because opening it costs more than most steps."""

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        report: Report,
        stack: ExitStack,
        inputs: Inputs | None = None,
    ) -> None:
        self.settings = settings
        self.catalogue = catalogue
        self.report = report
        self._stack = stack
        self._given = inputs

    @cached_property
    def inputs(self) -> Inputs:
        return self._given or Inputs.gather(self.settings, self.catalogue)

    def batches(self, periods: Sequence[str]) -> Iterator[list[str]]:
        """The periods in as few parts as memory allows: one statement over all quarters of a province would spill for minutes."""
        at_once = max(1, _FORMS_AT_ONCE // max(1, len(self.inputs.registry.entries)))
        for start in range(0, len(periods), at_once):
            yield list(periods[start : start + at_once])

    @cached_property
    def warehouse(self) -> Warehouse:
        return self._stack.enter_context(open_warehouse(self.settings.warehouse))


def workplace_resource(
    settings: Settings, load: Callable[[], Catalogue], report: Report, inputs: Inputs | None = None
) -> dg.ResourceDefinition:
    """The resource `workplace`: a fresh one for each run. The catalogue is loaded then.

    The inputs are gathered, and the lock of the run is taken, unless they are given: who gathered them holds it.
    """

    @contextmanager
    def workplace(_: dg.InitResourceContext) -> Iterator[Workplace]:
        with ExitStack() as stack:
            if inputs is None:
                stack.enter_context(one_run(settings))
            yield Workplace(settings, load(), report, stack, inputs)

    return dg.ResourceDefinition(workplace, description=Workplace.__doc__)
