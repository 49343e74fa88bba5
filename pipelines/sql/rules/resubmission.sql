-- A version after the first: what it changed against the one before. Grain: submission. Reads files, answers_read, judged.
with versions as (
    select submission_id, unit_code, period,
           lag(submission_id) over (partition by unit_code, period order by received_at, submission_id) as before_id,
           row_number() over (partition by unit_code, period order by received_at, submission_id) as version
    from files
    where not refused
),
changed as (
    select v.submission_id,
           count(*) filter (a.raw is distinct from b.raw) as cells
    from versions v
    join answers_read a on a.submission_id = v.submission_id
    left join answers_read b
      on b.submission_id = v.before_id and b.question = a.question
     and b.branch_code is not distinct from a.branch_code and b.month is not distinct from a.month
    where v.before_id is not null
    group by v.submission_id
)
select v.submission_id, null::varchar as branch_code, null::varchar as question, null::integer as month,
       null::varchar as sheet, null::varchar as cell,
       '第' || v.version || '版，与上一版相比改动' || coalesce(c.cells, 0) || '格' as found,
       null::varchar as expected, null::varchar as explanation
from versions v
join judged using (submission_id)
left join changed c using (submission_id)
where v.before_id is not null
