-- Ledgers of two units that are the same in every quarterly figure of every branch, in order. Grain: submission.
-- The one that was received later is asked; the earlier one may well be the original.
with flows as (
    select a.submission_id, a.unit_code, a.period, a.branch_code, a.question, (a.month - 1) % 3 as month_index, a.raw, a.number, a.explanation
    from answers_read a
    join dim_question q on q.question = a.question
    where a.branch_code is not null and q.asked = 'quarterly' and q.nature = 'flow'
),
prints as (
    select submission_id, any_value(f.unit_code) as unit_code, any_value(f.period) as period, any_value(received_at) as received_at,
           md5(string_agg(question || coalesce(month_index, 9)::varchar || '=' || coalesce(raw, ''), '|'
                          order by branch_code, question, month_index)) as print,
           count(*) filter (number > 0) as figures, count(distinct branch_code) as branches,
           bool_and(explanation is not null) as explained, min(explanation) as explanation
    from flows f
    join files using (submission_id)
    group by submission_id
)
select now.submission_id, null::varchar as branch_code, null::varchar as question, null::integer as month, '支部台账' as sheet,
       null::varchar as cell, now.branches || '个支部的' || now.figures || '个数与另一单位相同' as found, null::varchar as expected,
       case when now.explained then now.explanation end as explanation
from prints now
join judged using (submission_id)
where now.figures >= 10
  and exists (
      select 1 from prints other
      where other.print = now.print and other.period = now.period and other.unit_code <> now.unit_code
        and (other.received_at, other.submission_id) < (now.received_at, now.submission_id)
  )
