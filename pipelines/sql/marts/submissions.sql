-- Every file received, with its version and state. Grain: submission.
-- The newest accepted version counts; where none was accepted, the newest returned one does, without its blocked values.
with counted as (
    select submission_id,
           count(*) filter (severity = 'block')::integer as n_block,
           count(*) filter (severity = 'explain' and not explained)::integer as n_explain,
           count(*) filter (severity = 'inform')::integer as n_inform
    from findings_found
    group by submission_id
),
judged as (
    select f.*, p.due_at, coalesce(c.n_block, 0) as n_block, coalesce(c.n_explain, 0) as n_explain, coalesce(c.n_inform, 0) as n_inform,
           case when f.refused then 'refused' when coalesce(c.n_block, 0) > 0 then 'returned' else 'accepted' end as first_state
    from files f
    left join counted c using (submission_id)
    left join dim_period p on p.period = f.period
),
ordered as (
    select *,
           case when not refused then row_number() over (partition by unit_code, period, refused order by received_at, submission_id) end::integer as version,
           submission_id in (select submission_id from counting) as counts,
           row_number() over (partition by unit_code, period, refused order by received_at desc, submission_id desc) as newest
    from judged
)
select submission_id, unit_code, period, version, file, stored_as, sha256, received_at, due_at,
       received_at <= due_at as on_time,
       case when refused then 'refused' when newest > 1 and not counts then 'superseded' else first_state end as state,
       counts,
       n_block, n_explain, n_inform
from ordered
