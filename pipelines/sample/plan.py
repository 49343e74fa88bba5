"""What is planted where, over the whole sample: signs first, then faults, then explanations, each away from the others."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.sample.explained import plan_explained
from pipelines.sample.faults import Key, Plan, plan_faults
from pipelines.sample.signs.plan import SignPlan, plan_signs
from pipelines.sample.world import World


@dataclass(frozen=True)
class SamplePlan:
    """Faults by submission, signs by unit, and submissions that break a rule of severity explain, with whether they say why."""

    faults: dict[Key, Plan] = field(default_factory=dict)
    signs: dict[str, SignPlan] = field(default_factory=dict)
    explained: dict[Key, str] = field(default_factory=dict)


def plan_sample(world: World) -> SamplePlan:
    """The plan of a sample with faults; one without is an empty SamplePlan."""
    signs = plan_signs(world)
    kept = {key for sign in signs.values() for key in sign.keys}
    faults = plan_faults(world, kept)
    copied = {plan.source for plan in faults.values() if plan.source is not None}
    return SamplePlan(faults, signs, plan_explained(world, kept | set(faults) | copied))
