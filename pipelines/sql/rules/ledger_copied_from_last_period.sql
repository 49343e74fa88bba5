-- A ledger whose quarterly figures are all the same as in the unit's last submission. Grain: submission.
-- At least ten figures above 0 must agree, so that a tiny ledger of ones and zeros is not taken for a copy.
with latest as (
    select submission_id, unit_code, period
    from files
    where not refused
    qualify row_number() over (partition by unit_code, period order by received_at desc, submission_id desc) = 1
),
flows as (
    select a.submission_id, a.unit_code, a.period, a.branch_code, a.question, (a.month - 1) % 3 as month_index, a.raw, a.number, a.explanation
    from answers_read a
    join dim_question q on q.question = a.question
    where a.branch_code is not null and q.asked = 'quarterly' and q.nature = 'flow'
),
compared as (
    select now.submission_id,
           bool_and(now.raw is not distinct from before.raw) as same,
           count(*) filter (now.number > 0 and before.raw is not null) as figures,
           bool_and(now.explanation is not null) as explained,
           min(now.explanation) as explanation
    from flows now
    join judged using (submission_id)
    join dim_period p on p.period = now.period
    join latest l on l.unit_code = now.unit_code and l.period = p.previous_period
    left join flows before
      on before.submission_id = l.submission_id and before.branch_code = now.branch_code and before.question = now.question
     and before.month_index is not distinct from now.month_index
    group by now.submission_id
)
select submission_id, null::varchar as branch_code, null::varchar as question, null::integer as month, '支部台账' as sheet,
       null::varchar as cell, figures || '个数与上期相同' as found, null::varchar as expected,
       case when explained then explanation end as explanation
from compared
where same and figures >= 10
