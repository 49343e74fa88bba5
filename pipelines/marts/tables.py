"""The marts: which columns each has, in which order, and its key. Other programs rely on these names."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.marts.columns import COLUMNS, Column


@dataclass(frozen=True)
class Mart:
    """A published table: its grain in words, its columns, its key and which columns may be null.

    `renamed` maps a column to its entry in COLUMNS where one name has different meanings in different tables. `sought_by` are the columns
    that readers look its rows up by where they are not the first of the key: a file lies in their order, then in that of the key.
    """

    name: str
    grain: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    nullable: frozenset[str] = frozenset()
    renamed: dict[str, str] = field(default_factory=dict)
    sought_by: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[str, ...]:
        """The columns by which its rows are sorted in the file."""
        return (*self.sought_by, *(name for name in self.key if name not in self.sought_by))

    def column(self, name: str) -> Column:
        return COLUMNS[self.renamed.get(name, name)]


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _mart(
    name: str,
    grain: str,
    columns: str,
    key: str,
    nullable: str = "",
    sought_by: str = "",
    /,
    **renamed: str,
) -> Mart:
    nulls = frozenset(_names(nullable))
    return Mart(name, grain, _names(columns), _names(key), nulls, renamed, _names(sought_by))


MARTS: dict[str, Mart] = {
    mart.name: mart
    for mart in (
        _mart(
            "dim_unit",
            "a unit or branch of the latest edition of the registry",
            "unit_code name kind category is_private is_synthetic city_code city parent_code peer_group members valid_from valid_to",
            "unit_code",
            "parent_code valid_to",
        ),
        _mart(
            "unit_search",
            "a unit or branch of the latest edition of the registry, as a search finds it",
            "unit_code sought_as",
            "unit_code",
        ),
        _mart(
            "dim_peer_group",
            "a peer group of the latest edition of the registry",
            "peer_group label_zh label_en kind bands units merged note_zh",
            "peer_group",
            "note_zh",
            units="units_in_group",
        ),
        _mart(
            "neighbours",
            "a unit and one of those of its kind that are most like it",
            "unit_code place neighbour_code distance",
            "unit_code place",
            place="neighbour_place",
        ),
        _mart("dim_city", "a city", "city_code name short tile_column tile_row", "city_code"),
        _mart(
            "dim_period",
            "a period that has submissions or was owed",
            "period year quarter label_zh due_at is_due locked_on",
            "period",
            "locked_on",
        ),
        _mart(
            "dim_label",
            "a code of an enumeration",
            "enumeration code label_zh label_en",
            "enumeration code",
        ),
        _mart(
            "dim_clause",
            "a clause of the policy",
            "clause section label_zh dimension who measure standard_text stated per kind fulfilled_by",
            "clause",
            "fulfilled_by",
        ),
        _mart(
            "dim_question",
            "a question of the catalogue",
            "question name label_zh label_en clause who type unit asked lowest highest",
            "question",
            "lowest highest",
            name="question_name",
        ),
        _mart(
            "dim_indicator",
            "an indicator in one version of its standard",
            "indicator label_zh label_en dimension clause unit grain rollup standard compare direction kind per stated effective_from",
            "indicator effective_from",
            "standard compare",
        ),
        _mart(
            "dim_indicator_question",
            "a term of an indicator",
            "indicator side operation question",
            "indicator side operation question",
            "question",
        ),
        _mart(
            "indicator_sources",
            "a term of an indicator in a period, and a period whose answers it takes",
            "period indicator side operation question source_period",
            "period indicator side operation question source_period",
        ),
        _mart(
            "dim_rule",
            "a rule of the catalogue",
            "rule label_zh severity clause mend",
            "rule",
            "clause",
        ),
        _mart(
            "submissions",
            "a file received, also those that could not be read",
            "submission_id unit_code period version file stored_as sha256 received_at due_at on_time state counts n_block n_explain n_inform",
            "submission_id",
            "unit_code period version due_at on_time",
            "unit_code period",
        ),
        _mart(
            "answers",
            "submission, question, branch and month",
            "submission_id unit_code branch_code period month question value text raw explanation sheet cell",
            "submission_id branch_code month question",
            "branch_code month value text raw explanation",
            "unit_code period",
            value="answer_value",
        ),
        _mart(
            "findings",
            "a rule that an answer or a file breaks",
            "finding_id submission_id unit_code branch_code period rule severity question sheet cell found expected message clause explanation explained",
            "finding_id",
            "unit_code branch_code period question sheet cell found expected clause explanation explained",
            "period unit_code",
        ),
        _mart(
            "outlier_norms",
            "a period, question, month of the quarter and peer group of eight or more answers",
            "period question month peer_group peers median",
            "period question month peer_group",
            month="month_of_quarter",
            peers="answers_compared",
        ),
        _mart(
            "outlier_coverage",
            "a unit, a period, and what its answers are held against",
            "unit_code period against series judged too_short",
            "unit_code period against",
        ),
        _mart(
            "reporting",
            "a group of units in a period",
            "group_kind group_code period expected received on_time accepted completeness timeliness",
            "group_kind group_code period",
            "completeness timeliness",
            expected="expected_count",
            received="received_count",
            on_time="on_time_count",
            accepted="accepted_count",
        ),
        _mart(
            "quality_parts",
            "a part of the quality grade's formula in a period",
            "period part place weight label_zh",
            "period part",
            place="part_place",
        ),
        _mart(
            "grades",
            "a submission that counts",
            "submission_id unit_code period completeness_good completeness_whole validity_good validity_whole explained_good explained_whole "
            "timeliness_good timeliness_whole stability_good stability_whole points gate_points grade passes reason",
            "submission_id",
            "",
            "unit_code period",
        ),
        _mart(
            "unit_reporting",
            "a unit and a period that it owed",
            "unit_code period due_at first_received_at days_late on_time state submission_id stands_since n_versions n_refused cells usable missing blocked unexplained not_reported completeness to_correct to_explain owes",
            "unit_code period",
            "first_received_at days_late submission_id stands_since completeness",
            on_time="first_on_time",
            state="reporting_state",
            submission_id="standing_id",
        ),
        _mart(
            "question_reporting",
            "a period, a kind of unit, a city and a question: sums that add up over kinds and cities",
            "period unit_kind city_code question cells usable missing blocked unexplained not_reported units_answering",
            "period unit_kind city_code question",
        ),
        _mart(
            "load",
            "a period, a kind of unit and a form: the unit's own, or its branches' rows",
            "period unit_kind form units respondents asked prefilled changed typed blank asked_each prefilled_each changed_each typed_each blank_each",
            "period unit_kind form",
            units="load_units",
            asked="asked_cells",
        ),
        _mart(
            "question_use",
            "a question of the catalogue",
            "question quarters first_period last_period fewest_units answers distinct_answers common_answer common_share varies feeds feeds_decision suggest_removal reason",
            "question",
            "first_period last_period common_answer common_share varies",
            quarters="quarters_asked",
        ),
        _mart(
            "indicator_values",
            "a unit or branch, a period and an indicator",
            "unit_code period indicator numerator denominator value standard status reason ci_low ci_high peer_group peer_median peer_percentile peer_position n_peers p_below",
            "unit_code period indicator",
            "numerator denominator value standard status reason ci_low ci_high peer_median peer_percentile peer_position p_below",
        ),
        _mart(
            "group_values",
            "a group of units, a period and an indicator",
            "group_kind group_code period indicator numerator denominator value units units_met standard",
            "group_kind group_code period indicator",
            "value standard units_met",
        ),
        _mart(
            "status_counts",
            "a period, a city, a dimension and a status of units' indicators that have one",
            "period city_code dimension status items",
            "period city_code dimension status",
            items="items_with_status",
        ),
        _mart(
            "scores",
            "a unit, a period and a dimension (or total)",
            "unit_code period dimension score rank rank_low rank_high peer_group peers coverage",
            "unit_code period dimension",
            "score rank rank_low rank_high",
        ),
        _mart(
            "trends",
            "a unit or branch, an indicator and a point in time (a month, a quarter, a year), where there is a value",
            "unit_code indicator grain point value centre lower upper signal side peer_median standard",
            "unit_code indicator point",
            "lower upper side peer_median standard",
            grain="time_grain",
            value="own_value",
            side="signal_side",
            peer_median="point_median",
            standard="point_standard",
        ),
        _mart(
            "trend_tests",
            "a unit or branch, an indicator and a grain of time",
            "unit_code indicator grain points first_point last_point centre lower upper assurance s p slope judged",
            "unit_code indicator grain",
            "lower upper assurance s p slope",
            grain="time_grain",
            points="points_count",
            centre="last_centre",
            lower="last_lower",
            upper="last_upper",
            p="trend_p",
            judged="trend_judged",
        ),
        _mart(
            "group_trends",
            "a group of units, an indicator and a point in time: the ratio of the units' sums",
            "group_kind group_code indicator grain point value centre lower upper signal side standard",
            "group_kind group_code indicator point",
            "lower upper side standard",
            grain="time_grain",
            value="own_value",
            side="signal_side",
            standard="point_standard",
        ),
        _mart(
            "group_trend_tests",
            "a group of units, an indicator and a grain of time",
            "group_kind group_code indicator grain points first_point last_point centre lower upper assurance s p slope judged",
            "group_kind group_code indicator grain",
            "lower upper assurance s p slope",
            grain="time_grain",
            points="points_count",
            centre="last_centre",
            lower="last_lower",
            upper="last_upper",
            p="trend_p",
            judged="trend_judged",
        ),
        _mart(
            "flags",
            "a unit or branch, a period, a kind of flag and (for performance, trend and peer) an indicator",
            "unit_code period kind level indicator clause reason evidence since times run_since",
            "unit_code period kind indicator",
            "indicator clause",
        ),
        _mart(
            "flag_runs",
            "a unit or branch, a kind of flag, an indicator, and the first period of a run; what its own quarter must mend is a run a quarter",
            "unit_code kind indicator since last_period times level clause reason evidence closed_in closing",
            "unit_code kind indicator since",
            "indicator clause closed_in closing",
            since="flag_run_since",
            times="flag_run_times",
            last_period="run_last_period",
        ),
        _mart(
            "signs",
            "a scope (branch, unit or city), a period, a kind of sign, a test and a question; for reviewers only",
            "sign_id sign scope_kind scope_code unit_code branch_code city_code period question test n statistic p p_adjusted since "
            "message asks innocent place other_unit_code other_branch_code seen",
            "sign_id",
            "unit_code branch_code city_code question place other_unit_code other_branch_code",
            since="sign_since",
            message="sign_message",
            unit_code="sign_unit",
        ),
        _mart(
            "sign_tests",
            "a period and a kind of sign",
            "period sign tests judged too_few raised false_discovery_rate",
            "period sign",
        ),
        _mart(
            "quarter_changes",
            "a period, what is held against the quarter before, and a dimension (or total): of units, and standards, that both quarters have",
            "period measure dimension before_period units items good_before good units_up units_down",
            "period measure dimension",
            measure="change_measure",
            units="units_in_both",
        ),
        _mart(
            "standing_changes",
            "a period, a unit and an indicator whose standard it came to meet, or to miss, since the quarter before",
            "period unit_code indicator before_period before_status status before_numerator before_denominator numerator denominator standard",
            "period unit_code indicator",
        ),
        _mart(
            "candidates",
            "a unit that owed a quarter of a year that is over: what the lists of the year choose from",
            "year unit_code kind category city_code members owed accepted on_time in_registry full_years red_flags red_indicators low_quality missing_periods locked_periods coverage",
            "year unit_code",
            "red_indicators low_quality missing_periods locked_periods",
            owed="quarters_owed",
            accepted="quarters_accepted",
            on_time="quarters_on_time",
        ),
        _mart(
            "shortlist",
            "a candidate unit and a year",
            "year unit_code category city_code score rank selected probability reason kind eligible rank_low rank_high near_miss strengths gaps what_would_change",
            "year unit_code",
            "score rank probability rank_low rank_high strengths gaps what_would_change",
            rank="candidate_rank",
        ),
        _mart(
            "shortlist_scores",
            "a candidate unit, a year and an indicator due to it",
            "year unit_code indicator dimension clause numerator denominator value standard due_share direction red_if_missed attainment weight",
            "year unit_code indicator",
            "numerator denominator value standard attainment",
            weight="indicator_weight",
        ),
        _mart(
            "shortlist_dimensions",
            "a candidate unit, a year and a dimension that has a score",
            "year unit_code dimension score weight",
            "year unit_code dimension",
            weight="dimension_weight",
        ),
        _mart(
            "shortlist_gates",
            "a candidate unit, a year and a gate",
            "year unit_code gate required found passes",
            "year unit_code gate",
            found="gate_found",
            passes="gate_passes",
        ),
        _mart(
            "contact_points",
            "a unit and a year, chosen as contact point or not",
            "year unit_code kind category city_code gain place selected reason",
            "year unit_code",
            "gain place",
            place="gain_place",
        ),
    )
}
