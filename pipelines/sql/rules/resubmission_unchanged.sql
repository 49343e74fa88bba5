-- A version after the first that says the same as the one before: no answer and no explanation differs by value. Grain: submission.
select v.submission_id, null::varchar as branch_code, null::varchar as question, null::integer as month,
       null::varchar as sheet, null::varchar as cell,
       '第' || v.version || '版与第' || (v.version - 1) || '版' || case when c.rewritten > 0 then '，只有' || c.rewritten || '格写法不同' else '' end as found,
       null::varchar as expected, null::varchar as explanation
from versions v
join judged using (submission_id)
join version_changes c using (submission_id)
where c.answers = 0 and c.explained = 0
