-- A version after the first that changes an answer or an explanation: how much, against the one before. Grain: submission.
select v.submission_id, null::varchar as branch_code, null::varchar as question, null::integer as month,
       null::varchar as sheet, null::varchar as cell,
       '第' || v.version || '版，与上一版相比改动' || c.answers || '格' || case when c.explained > 0 then '，并改了情况说明' else '' end as found,
       null::varchar as expected, null::varchar as explanation
from versions v
join judged using (submission_id)
join version_changes c using (submission_id)
where c.answers > 0 or c.explained > 0
