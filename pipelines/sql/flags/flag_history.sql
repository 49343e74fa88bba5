-- Every judgement where a flag was ever raised, in turn, with the run it belongs to. Grain: unit or branch, kind, indicator, period.
-- Only judged periods count: what was not judged neither continues a run nor ends it.
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
    select *, count(*) filter (level is null) over in_turn as run
    from judged
    window in_turn as (partition by unit_code, kind, indicator order by period)
)
select unit_code, kind, indicator, period, level, clause, reason, evidence, closing, run,
       min(period) filter (level is not null) over in_run as since,
       count(*) filter (level is not null) over in_run::integer as times
from numbered
window in_run as (partition by unit_code, kind, indicator, run order by period)
