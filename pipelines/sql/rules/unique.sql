-- A text that another unit has given already in the same period (rules of `unique`; their rows are in unique_rules). Grain: rule and cell.
-- Blanks and capitals make no difference. The one that was received later is asked, and only the other's version that counts is looked at.
with texts as (
    select r.rule, a.submission_id, a.unit_code, a.period, a.branch_code, a.question, a.month, a.sheet, a.cell, a.raw, a.explanation, f.received_at,
           lower(regexp_replace(a.text, '\s', '', 'g')) as said
    from answers_read a
    join unique_rules r on r.period = a.period and r.question = a.question
    join files f using (submission_id)
    where a.text is not null
)
select now.submission_id, now.rule, now.branch_code, now.question, now.month, now.sheet, now.cell, now.raw as found, now.explanation
from texts now
join judged using (submission_id)
where exists (
    select 1
    from texts other
    join counting_alone using (submission_id)
    where other.rule = now.rule and other.period = now.period and other.said = now.said and other.unit_code <> now.unit_code
      and (other.received_at, other.submission_id) < (now.received_at, now.submission_id)
)
order by now.rule, now.submission_id, now.branch_code, now.question
