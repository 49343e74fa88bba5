-- A branch whose members differ from last period's by more than 5 and more than 30%. Grain: submission and branch.
with latest as (
    select submission_id, unit_code, period
    from files
    where not refused
    qualify row_number() over (partition by unit_code, period order by received_at desc, submission_id desc) = 1
),
members as (
    select l.unit_code, l.period, a.branch_code, a.number as members
    from latest l
    join answers_read a using (submission_id)
    where a.question = 'L3.4a' and a.number is not null
)
select a.submission_id, a.branch_code, a.question, a.month, a.sheet, a.cell, a.raw as found,
       '与上期' || m.members::bigint || '人相差不超过30%' as expected, a.explanation
from answers_read a
join judged using (submission_id)
join dim_period p on p.period = a.period
join members m on m.branch_code = a.branch_code and m.period = p.previous_period
where a.question = 'L3.4a' and abs(a.number - m.members) > 5 and abs(a.number - m.members) * 10 > 3 * m.members
