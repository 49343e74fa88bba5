-- Every judgement where a flag was ever raised, in turn, with the run it belongs to. Grain: unit or branch, kind, indicator, period.
-- Only judged periods count: what was not judged neither continues a run nor ends it. `spell` numbers the turns between judgements without a cause.
-- What its own quarter must mend (`until_mended`) is a run of its own; all else of a spell is one run, from `run_since` on.
with judged as (
    select * from judged_reporting
    union all by name
    select * from judged_quality
    union all by name
    select * from judged_performance
    union all by name
    select * from judged_trend
    union all by name
    select * from judged_peer
    union all by name
    select * from judged_pattern
),
numbered as (
    select * replace (coalesce(until_mended, false) as until_mended), count(*) filter (level is null) over in_turn as spell
    from judged
    window in_turn as (partition by unit_code, kind, indicator order by period)
)
select unit_code, kind, indicator, period, level, clause, reason, evidence, closing, spell, until_mended,
       min(period) filter (level is not null) over in_spell as since,
       count(*) filter (level is not null) over in_spell::integer as times,
       case when until_mended then period else min(period) filter (level is not null and not until_mended) over in_spell end as run_since
from numbered
window in_spell as (partition by unit_code, kind, indicator, spell order by period)
