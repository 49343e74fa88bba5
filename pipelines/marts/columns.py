"""Every column of every mart, declared once: DuckDB type and meaning. Tables only list names and a key (tables.py)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column: its DuckDB type and what it means."""

    type: str
    meaning: str


COLUMNS: dict[str, Column] = {
    # who
    "unit_code": Column("VARCHAR", "the unit, or the branch where the row is about a branch"),
    "branch_code": Column("VARCHAR", "the branch; null where the row is about the unit's own form"),
    "name": Column("VARCHAR", "Chinese name"),
    "sought_as": Column(
        "VARCHAR",
        "name, code and the name's first letters in pinyin, a line each, and the same of a branch's unit; small letters, half width",
    ),
    "kind": Column(
        "VARCHAR",
        "city, university, school or branch for units; the register's kind for clauses and indicators; the kind of a flag",
    ),
    "category": Column("VARCHAR", "category inside the kind, e.g. primary, staff"),
    "is_private": Column("BOOLEAN", "true for a private school (民办)"),
    "is_synthetic": Column("BOOLEAN", "true where the unit is made up (示例数据)"),
    "city_code": Column("VARCHAR", "GB/T 2260 code of the city"),
    "city": Column("VARCHAR", "name of the city"),
    "short": Column("VARCHAR", "short name of the city"),
    "tile_column": Column("INTEGER", "column on the tile map, from the west"),
    "tile_row": Column("INTEGER", "row on the tile map, from the north"),
    "parent_code": Column("VARCHAR", "the unit above; null for those right under the province"),
    "peer_group": Column(
        "VARCHAR", "kind and size band, `school:medium`; joined bands `school:small+medium`"
    ),
    "neighbour_place": Column("INTEGER", "1 is the nearest"),
    "neighbour_code": Column("VARCHAR", "the unit that is like it"),
    "distance": Column("DOUBLE", "sum of weighted differences (expectations/selection.yaml)"),
    "bands": Column("VARCHAR", "the declared size bands in the group, joined by +"),
    "units_in_group": Column("INTEGER", "units or branches of the group that are still in the registry"),
    "merged": Column("BOOLEAN", "whether bands of too few units were joined"),
    "note_zh": Column(
        "VARCHAR", "why bands were joined, or that there are too few to judge, in Chinese; null where neither"
    ),
    "peers": Column("INTEGER", "how many units of the peer group have a score"),
    "members": Column("INTEGER", "members in the registry"),
    "valid_from": Column("DATE", "first day in the registry"),
    "valid_to": Column("DATE", "last day in the registry; null while it goes on"),
    # when
    "period": Column("VARCHAR", "quarter, `2025Q3`"),
    "year": Column("INTEGER", "calendar year"),
    "quarter": Column("INTEGER", "1 to 4"),
    "month": Column("INTEGER", "month of the year, 1 to 12; null where the question is not asked by month"),
    "due_at": Column("TIMESTAMP", "UTC: when the submission is due"),
    "locked_on": Column(
        "DATE", "the day on which the period was closed, after which reports wait; null where it is open"
    ),
    "is_due": Column("BOOLEAN", "whether the due time had passed at the latest receipt in the raw store"),
    "received_at": Column("TIMESTAMP", "UTC: when the file was received"),
    "effective_from": Column("DATE", "first day on which this version holds"),
    "since": Column("VARCHAR", "first period of the unbroken run of periods with this flag"),
    "times": Column("INTEGER", "judged periods of that run up to this one, which counts too"),
    "run_since": Column(
        "VARCHAR",
        "first period of the flag's run in flag_runs; of what its own quarter must mend, the period",
    ),
    "flag_run_since": Column(
        "VARCHAR", "first period of the run; of what its own quarter must mend, that quarter"
    ),
    "flag_run_times": Column("INTEGER", "judged periods of the run that have the flag"),
    "run_last_period": Column("VARCHAR", "last period of the run; level, reason and evidence are its own"),
    "closed_in": Column(
        "VARCHAR",
        "first judged period without the cause, or the quarter of the lock or of leaving; of what its own quarter has mended, that quarter; null while open",
    ),
    "closing": Column(
        "VARCHAR", "what closed it, e.g. met, submitted, explained, locked; null while the flag is open"
    ),
    # labels
    "label_zh": Column("VARCHAR", "Chinese label"),
    "label_en": Column("VARCHAR", "English label"),
    "enumeration": Column("VARCHAR", "the column that holds the code, e.g. status"),
    "code": Column("VARCHAR", "a value of an enumeration"),
    # policy
    "clause": Column("VARCHAR", "clause of the policy, `L3.1`"),
    "section": Column("VARCHAR", "section of the policy, 一(三)"),
    "dimension": Column("VARCHAR", "learning, service, innovation or leadership; `total` in scores"),
    "who": Column("VARCHAR", "who answers, codes joined by commas"),
    "measure": Column("VARCHAR", "what the register says is counted"),
    "standard_text": Column("VARCHAR", "the standard in the register's words"),
    "fulfilled_by": Column("VARCHAR", "the part of the product that carries out a process clause"),
    "per": Column("VARCHAR", "month, semester or year"),
    "stated": Column("BOOLEAN", "true where the policy itself gives the number"),
    # questions and indicators
    "question": Column("VARCHAR", "code of the question, `L3.1a`"),
    "question_name": Column("VARCHAR", "its English name, `centre_group_sessions`"),
    "type": Column("VARCHAR", "count, decimal, yes_no, choice or text"),
    "asked": Column("VARCHAR", "quarterly, semester or yearly"),
    "unit": Column("VARCHAR", "unit of measure, in Chinese"),
    "lowest": Column("DECIMAL(18,4)", "lowest answer allowed"),
    "highest": Column("DECIMAL(18,4)", "highest answer allowed"),
    "indicator": Column("VARCHAR", "code of the indicator; null where a flag is not about one"),
    "side": Column("VARCHAR", "numerator or denominator"),
    "source_period": Column("VARCHAR", "the quarter whose answers are taken"),
    "operation": Column("VARCHAR", "sum, minus, in_place, asked, or one (no question)"),
    "grain": Column("VARCHAR", "unit or branch: the finest level at which the indicator is judged"),
    "rollup": Column("VARCHAR", "ratio_of_sums or share_meeting"),
    "compare": Column("VARCHAR", "at_least, above or at_most"),
    "direction": Column("VARCHAR", "higher or lower: which way is better"),
    "standard": Column("DECIMAL(18,4)", "the standard in force; null where there is none"),
    # submissions, answers, findings
    "submission_id": Column("VARCHAR", "first 16 digits of the file's sha256"),
    "version": Column("INTEGER", "1, 2 … in the order of receipt; null where unit or period is unknown"),
    "file": Column("VARCHAR", "the sender's file name"),
    "stored_as": Column("VARCHAR", "path of the original below data/raw"),
    "sha256": Column("VARCHAR", "sha256 of the original"),
    "on_time": Column("BOOLEAN", "received by the due time; null where the period is unknown"),
    "state": Column("VARCHAR", "received, returned, accepted, superseded or refused"),
    "counts": Column("BOOLEAN", "whether this version is the one that the indicators use"),
    "n_block": Column("INTEGER", "findings that block"),
    "n_explain": Column("INTEGER", "findings that still lack an explanation"),
    "n_inform": Column("INTEGER", "findings that only inform"),
    "answer_value": Column(
        "DECIMAL(18,4)", "the number; 1 or 0 for yes-no and choices; null for text and where unreadable"
    ),
    "text": Column("VARCHAR", "the answer as text: an option's code, or free text"),
    "raw": Column("VARCHAR", "what stood in the cell; null where it was empty"),
    "explanation": Column("VARCHAR", "what the unit wrote in 情况说明"),
    "explained": Column(
        "BOOLEAN",
        "of severity explain: whether the explanation counts (expectations/explanations.yaml); else null",
    ),
    "sheet": Column("VARCHAR", "sheet of the workbook"),
    "cell": Column("VARCHAR", "cell, `D7`"),
    "finding_id": Column("VARCHAR", "stable id of the finding"),
    "rule": Column("VARCHAR", "the rule that is broken"),
    "severity": Column("VARCHAR", "block, explain or inform"),
    "found": Column("VARCHAR", "what was found"),
    "expected": Column("VARCHAR", "what was expected, in Chinese"),
    "message": Column("VARCHAR", "one Chinese sentence: what, where, and what to do"),
    "mend": Column("VARCHAR", "what to do, in Chinese"),
    # outliers
    "month_of_quarter": Column("INTEGER", "1 to 3; 0 where the question is not asked by month"),
    "answers_compared": Column("INTEGER", "answers behind the median"),
    "median": Column(
        "DOUBLE", "median on the scale on which the question is compared, divided by what it is divided by"
    ),
    "against": Column("VARCHAR", "own_history or peers: what the unit's answers are held against"),
    "series": Column("INTEGER", "series of the unit and its branches with an answer in the period"),
    "judged": Column("INTEGER", "of these, series or tests that could be judged"),
    "too_short": Column("INTEGER", "of these, series with too few points or peers to be judged yet"),
    # the quality grade: of the counts, what is in order and all that is judged (pipelines/sql/marts/grades.sql)
    "completeness_good": Column("INTEGER", "cells due whose answers can be used"),
    "completeness_whole": Column("INTEGER", "cells due"),
    "validity_good": Column("INTEGER", "cells filled in whose answers no finding blocks"),
    "validity_whole": Column("INTEGER", "cells filled in"),
    "explained_good": Column("INTEGER", "findings to be explained whose explanation counts"),
    "explained_whole": Column("INTEGER", "findings to be explained"),
    "timeliness_good": Column("INTEGER", "1 where a first version came by the due time, else 0"),
    "timeliness_whole": Column("INTEGER", "1"),
    "stability_good": Column("INTEGER", "cells due that were not changed after a version had been accepted"),
    "stability_whole": Column("INTEGER", "cells due"),
    "points": Column("DECIMAL(18,4)", "0 to 100, cut to two decimals: how far the figures can be relied on"),
    "part_place": Column("INTEGER", "1, 2 … in the order of the declaration"),
    "part": Column("VARCHAR", "completeness, validity, explained, timeliness or stability"),
    "weight": Column("INTEGER", "points that the part can cost, of 100"),
    "gate_points": Column("DECIMAL(18,4)", "the lowest points that pass"),
    "grade": Column("VARCHAR", "A to D as expectations/quality.yaml declares; of data, not of performance"),
    "passes": Column("BOOLEAN", "whether the grade passes the gate: under it there is no performance flag"),
    # reporting and load
    "first_received_at": Column(
        "TIMESTAMP", "UTC: when the first readable submission came; null where none did"
    ),
    "days_late": Column(
        "INTEGER",
        "calendar days after the due day, in the calendar's time zone; 0 in time; null where nothing readable came",
    ),
    "first_on_time": Column("BOOLEAN", "whether a readable submission came by the due time"),
    "reporting_state": Column(
        "VARCHAR", "accepted or returned: of the version that stands; else refused or not_reported"
    ),
    "standing_id": Column("VARCHAR", "the version that the indicators use; null where there is none"),
    "stands_since": Column("TIMESTAMP", "UTC: when that version was received"),
    "n_versions": Column("INTEGER", "readable versions received"),
    "n_refused": Column("INTEGER", "files that were refused"),
    "unit_kind": Column("VARCHAR", "city, university or school: the kind of the unit that submits"),
    "cells": Column("INTEGER", "cells due: usable + missing + blocked + unexplained + not_reported"),
    "usable": Column("INTEGER", "of these, cells whose answer can be used (an optional cell may be blank)"),
    "missing": Column("INTEGER", "of these, required cells left blank"),
    "blocked": Column("INTEGER", "of these, cells that a blocking finding stops"),
    "unexplained": Column("INTEGER", "of these, cells whose explanation is still owed"),
    "not_reported": Column("INTEGER", "of these, cells of units without a readable submission"),
    "to_correct": Column("INTEGER", "places (cells, or whole sheets) to correct in the version that stands"),
    "to_explain": Column("INTEGER", "places whose explanation is still owed in the version that stands"),
    "owes": Column(
        "VARCHAR", "what the unit owes now: report, replacement, correction, explanation, not_due or nothing"
    ),
    "units_answering": Column("INTEGER", "units with a usable answer to the question"),
    "form": Column("VARCHAR", "own (the unit's own form) or ledger (the rows of its branches)"),
    "load_units": Column("INTEGER", "units whose submission stands"),
    "respondents": Column(
        "INTEGER", "forms filled: of these units the own forms, or the rows of their branches"
    ),
    "asked_cells": Column("INTEGER", "cells asked of them: kept + changed + typed + blank"),
    "prefilled": Column("INTEGER", "cells that the template had filled: kept + changed"),
    "changed": Column("INTEGER", "of the pre-filled, those answered differently or emptied"),
    "typed": Column("INTEGER", "cells that were not pre-filled and have an answer"),
    "blank": Column("INTEGER", "cells that were not pre-filled and have none"),
    "asked_each": Column("DOUBLE", "cells asked, per respondent"),
    "prefilled_each": Column("DOUBLE", "cells pre-filled, per respondent"),
    "changed_each": Column("DOUBLE", "pre-filled cells changed, per respondent"),
    "typed_each": Column("DOUBLE", "cells typed, per respondent"),
    "blank_each": Column("DOUBLE", "cells left blank, per respondent"),
    "quarters_asked": Column(
        "INTEGER",
        "quarters looked at: the last in which the question was asked (expectations/question_use.yaml)",
    ),
    "first_period": Column("VARCHAR", "the first of these quarters"),
    "last_period": Column("VARCHAR", "the last of these quarters"),
    "fewest_units": Column("INTEGER", "units with a usable answer, in the quarter that has fewest"),
    "answers": Column("INTEGER", "usable answers in these quarters"),
    "distinct_answers": Column("INTEGER", "different answers among them"),
    "common_answer": Column(
        "VARCHAR", "the most common answer, as in the mart answers: an option's code, a number, a text"
    ),
    "common_share": Column("DOUBLE", "its share of the answers, 0 to 1"),
    "varies": Column("BOOLEAN", "whether the answers differ; null where there are too few to say"),
    "feeds": Column("VARCHAR", "standard, indicator, rule or explanation: the most that comes of the answer"),
    "feeds_decision": Column(
        "BOOLEAN", "whether the answer goes into an indicator, judged or scored among peers"
    ),
    "suggest_removal": Column(
        "BOOLEAN", "whether to consider no longer asking: never varies, or feeds no decision"
    ),
    # comparison
    "group_kind": Column("VARCHAR", "province, city or kind"),
    "group_code": Column("VARCHAR", "`province`, the city's code or the kind's"),
    "expected_count": Column("INTEGER", "submissions owed"),
    "received_count": Column("INTEGER", "units that sent at least one readable submission"),
    "on_time_count": Column("INTEGER", "units whose first submission came by the due time"),
    "accepted_count": Column("INTEGER", "units with an accepted submission"),
    "completeness": Column("DOUBLE", "answers usable / answers due, 0 to 1"),
    "timeliness": Column("DOUBLE", "on time / owed, 0 to 1"),
    "numerator": Column("DECIMAL(18,4)", "exact numerator"),
    "denominator": Column("DECIMAL(18,4)", "exact denominator"),
    "value": Column("DOUBLE", "numerator / denominator, for showing; judgements use the exact pair"),
    "status": Column(
        "VARCHAR",
        "met, not_met, on_pace, behind, not_due, not_applicable or not_calculable; null where there is no standard",
    ),
    "reason": Column("VARCHAR", "why, in Chinese"),
    "ci_low": Column(
        "DOUBLE", "lower end of the 95% interval: Wilson's of a share, Byar's of a count; null for amounts"
    ),
    "ci_high": Column("DOUBLE", "upper end of that interval"),
    "peer_median": Column("DOUBLE", "median value of the peer group"),
    "peer_percentile": Column("DOUBLE", "share of peers with a worse value, 0 to 1; ties count half"),
    "peer_position": Column(
        "VARCHAR",
        "of the value, whichever way is better, in the peer group's funnel: below_998, below_95, inside, above_95 or above_998; null where "
        "it is not judged",
    ),
    "n_peers": Column("INTEGER", "units of the peer group with a value, this one included"),
    "p_below": Column(
        "DOUBLE",
        "exact one-sided probability, at the standard, of a share as bad or worse; null without a standard, and for what is no share of counts",
    ),
    "units": Column("INTEGER", "units that could be calculated"),
    "units_met": Column("INTEGER", "of these, units that meet the standard"),
    "score": Column("DOUBLE", "0 to 100"),
    "rank": Column("INTEGER", "rank inside the peer group, 1 is best"),
    "rank_low": Column(
        "INTEGER", "best rank that the declared alternatives, and figures that are missing, would allow"
    ),
    "rank_high": Column(
        "INTEGER", "worst rank that the declared alternatives, and figures that are missing, would allow"
    ),
    "coverage": Column("DOUBLE", "indicators calculated / indicators due, 0 to 1"),
    "items_with_status": Column("INTEGER", "indicators of units that have this status"),
    # what changed since the quarter before (sql/marts/judged_twice.sql says what can be compared)
    "change_measure": Column(
        "VARCHAR",
        "received, on_time, accepted (units that owed both quarters) or met (standards judged in both)",
    ),
    "before_period": Column("VARCHAR", "the quarter before"),
    "units_in_both": Column("INTEGER", "units that both quarters have"),
    "items": Column("INTEGER", "what is compared: units, or standards of units"),
    "good_before": Column(
        "INTEGER", "of these, received, on time, accepted or met (on pace) in the quarter before"
    ),
    "good": Column("INTEGER", "of these, in this quarter"),
    "units_up": Column("INTEGER", "units with more of their own good than in the quarter before"),
    "units_down": Column("INTEGER", "units with less of their own good"),
    "before_status": Column("VARCHAR", "status in the quarter before"),
    "before_numerator": Column("DECIMAL(18,4)", "exact numerator in the quarter before"),
    "before_denominator": Column("DECIMAL(18,4)", "exact denominator in the quarter before"),
    # trends (pipelines/trends/)
    "time_grain": Column("VARCHAR", "month, quarter or year"),
    "point": Column("VARCHAR", "`2025-07`, `2025Q3` or `2025`, by the grain"),
    "own_value": Column(
        "DOUBLE", "of the point alone, never added up before it; a year's as it is judged at its end"
    ),
    "centre": Column("DOUBLE", "mean of the series, with the season of the point; a year's without"),
    "lower": Column(
        "DOUBLE", "lower natural limit at the point (XmR or Laney); null under 12 points and for years"
    ),
    "upper": Column(
        "DOUBLE", "upper natural limit at the point (XmR or Laney); null under 12 points and for years"
    ),
    "signal": Column(
        "VARCHAR", "too_few_points (under 12, or 5 years), none, astronomical, shift, trend or two_of_three"
    ),
    "signal_side": Column("VARCHAR", "high (or rising) or low (or falling); null where there is no signal"),
    "point_median": Column(
        "DOUBLE", "median of the peer group's own values at the point; null without a peer"
    ),
    "point_standard": Column(
        "DOUBLE",
        "standard in force; of one that a year adds up to, the part that a point owes; null without one",
    ),
    "points_count": Column("INTEGER", "points with a value"),
    "first_point": Column("VARCHAR", "the first of them"),
    "last_point": Column("VARCHAR", "the last of them"),
    "last_centre": Column("DOUBLE", "centre at the last point"),
    "last_lower": Column("DOUBLE", "lower natural limit at the last point"),
    "last_upper": Column("DOUBLE", "upper natural limit at the last point"),
    "assurance": Column(
        "VARCHAR",
        "whether the limits keep to the standard's good side: consistent_pass, consistent_fail, inconsistent; null where nothing is promised",
    ),
    "s": Column("INTEGER", "of yearly values: rises less falls over all pairs (Mann-Kendall)"),
    "trend_p": Column("DOUBLE", "two-sided chance of such an s without a trend; exact under 10 years"),
    "slope": Column("DOUBLE", "median change a year (Sen), in the values' unit"),
    "trend_judged": Column("BOOLEAN", "whether there are enough points: 12, or 5 years"),
    "level": Column("VARCHAR", "red, amber or watch"),
    "evidence": Column("VARCHAR", "the figures behind the flag"),
    # signs of form-filling
    "sign_id": Column("VARCHAR", "stable id of the sign"),
    "sign": Column("VARCHAR", "bunching, copied_rows, too_constant or digit_preference"),
    "sign_unit": Column("VARCHAR", "the unit; null where the sign is about a city"),
    "sign_since": Column("VARCHAR", "first period of the unbroken run of periods with this sign"),
    "sign_message": Column("VARCHAR", "one Chinese sentence of facts, and what to ask"),
    "scope_kind": Column("VARCHAR", "branch, unit or city: what was tested"),
    "scope_code": Column("VARCHAR", "code of the branch, unit or city"),
    "test": Column("VARCHAR", "which test; see dim_label, enumeration sign_test"),
    "n": Column(
        "INTEGER", "how many figures the test took: beside the standard, in the row, months, or last digits"
    ),
    "statistic": Column(
        "DOUBLE", "just at the standard; figures that agree; chi-square; figures that end in 0 or 5"
    ),
    "p": Column("DOUBLE", "chance of the like, were the figures counted"),
    "p_adjusted": Column(
        "DOUBLE", "p after Benjamini-Hochberg over the tests of its kind in the period, times the kinds"
    ),
    "asks": Column("VARCHAR", "what a reviewer may ask, in Chinese"),
    "innocent": Column("VARCHAR", "innocent explanations, in Chinese"),
    "place": Column("VARCHAR", "branches, rows or cells concerned"),
    "other_unit_code": Column("VARCHAR", "unit of the row that is the same"),
    "other_branch_code": Column("VARCHAR", "branch of the row that is the same"),
    "seen": Column("VARCHAR", "the figures that the test saw, as JSON"),
    "tests": Column("INTEGER", "tests made"),
    "too_few": Column("INTEGER", "of these, tests that cannot be judged yet"),
    "raised": Column("INTEGER", "signs raised"),
    "false_discovery_rate": Column(
        "DOUBLE", "of the signs of the period, the share that chance may have put there"
    ),
    # selection
    "selected": Column("BOOLEAN", "whether the unit is on the list"),
    "probability": Column("DOUBLE", "share of the declared alternatives in which the unit is chosen"),
    "eligible": Column("BOOLEAN", "whether the unit passes every gate"),
    "candidate_rank": Column(
        "INTEGER", "rank among the eligible of the unit's kind, 1 is best; null where not eligible"
    ),
    "near_miss": Column("BOOLEAN", "eligible, not chosen, and among the first of its kind that were not"),
    "strengths": Column("VARCHAR", "clauses above the mean of the candidates of its kind, in Chinese"),
    "gaps": Column("VARCHAR", "clauses that cost the unit most points, in Chinese"),
    "what_would_change": Column("VARCHAR", "the smallest changes that would turn the choice, in Chinese"),
    "due_share": Column("DOUBLE", "the share of a whole year's standard that was owed"),
    "attainment": Column(
        "DOUBLE",
        "0 to 1: distance to the standard, or the place among peers; null where it could not be calculated",
    ),
    "indicator_weight": Column(
        "DOUBLE", "share of its dimension among the unit's calculated indicators, 0 to 1"
    ),
    "dimension_weight": Column("DOUBLE", "share of the unit's total, 0 to 1"),
    "gate": Column("VARCHAR", "what a candidate must pass; see dim_label, enumeration gate"),
    "required": Column("VARCHAR", "what the gate asks, in Chinese"),
    "gate_found": Column("VARCHAR", "what was found, in Chinese"),
    "gate_passes": Column("BOOLEAN", "whether the candidate passes this gate"),
    "gain": Column(
        "DOUBLE",
        "points of the total to be gained at the standards, weighed by members; null where data say too little",
    ),
    "gain_place": Column(
        "INTEGER", "place by gain among the units of its kind that may be chosen, 1 gains most"
    ),
    "quarters_owed": Column("INTEGER", "quarters of the year that the unit owed"),
    "quarters_accepted": Column("INTEGER", "of these, quarters with an adopted submission"),
    "quarters_on_time": Column("INTEGER", "of these, quarters with a submission on time"),
    "in_registry": Column("BOOLEAN", "whether the unit was in the registry at the year's end"),
    "full_years": Column(
        "INTEGER", "years up to this one whose four quarters all have an adopted submission"
    ),
    "red_flags": Column("INTEGER", "indicators with a red performance flag that counts for the year"),
    "red_indicators": Column("VARCHAR", "their names, in Chinese"),
    "missing_periods": Column(
        "VARCHAR", "quarters that the unit owed and that have no adopted submission, joined by commas"
    ),
    "locked_periods": Column(
        "VARCHAR", "quarters that it owed and that are closed to reports and corrections, joined by commas"
    ),
    "red_if_missed": Column("BOOLEAN", "whether a proven miss of the standard is a red performance flag"),
    "low_quality": Column(
        "VARCHAR", "quarters under the quality gate with their grades, `2025Q1=丁级`, joined by commas"
    ),
}
