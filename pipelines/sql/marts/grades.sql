-- How far the figures of a submission can be relied on: points, grade, and whether it passes the gate. It grades data, never performance.
-- Grain: submission that counts. Points are whole hundredths, cut and never rounded up, from counts: no floating number is in them.
with counted as (
    select submission_id, unit_code, period from submissions where counts and period in (select period from due)
),
filled as (
    select unit_code, period, count(*) as due, count(*) filter (lacking is null) as usable, count(*) filter (answered) as answered,
           count(*) filter (answered and lacking is distinct from 'blocked') as valid
    from cells
    where period in (select period from due)
    group by unit_code, period
),
asked as (
    select submission_id, count(*) as questioned, count(*) filter (explained) as explained
    from findings_found
    where severity = 'explain'
    group by submission_id
),
timed as (
    select unit_code, period, bool_or(on_time) as on_time
    from submissions
    where state <> 'refused'
    group by unit_code, period
),
-- over all versions of the period: what a later version changes after an earlier one was accepted
changed as (
    select f.unit_code, f.period, count(distinct (g.branch_code, g.question, g.month)) as cells
    from findings_found g
    join files f using (submission_id)
    where g.rule = 'accepted_answer_changed'
    group by f.unit_code, f.period
),
judged as (
    select c.*,
           coalesce(f.usable, 0) as completeness_good, coalesce(f.due, 0) as completeness_whole,
           coalesce(f.valid, 0) as validity_good, coalesce(f.answered, 0) as validity_whole,
           coalesce(a.explained, 0) as explained_good, coalesce(a.questioned, 0) as explained_whole,
           coalesce(t.on_time, false)::integer as timeliness_good, 1 as timeliness_whole,
           greatest(coalesce(f.due, 0) - coalesce(h.cells, 0), 0) as stability_good, coalesce(f.due, 0) as stability_whole
    from counted c
    left join filled f using (unit_code, period)
    left join asked a using (submission_id)
    left join timed t using (unit_code, period)
    left join changed h using (unit_code, period)
),
parts as (
    select submission_id, period, 'completeness' as part, completeness_good as good, completeness_whole as whole from judged
    union all
    select submission_id, period, 'validity', validity_good, validity_whole from judged
    union all
    select submission_id, period, 'explained', explained_good, explained_whole from judged
    union all
    select submission_id, period, 'timeliness', timeliness_good, timeliness_whole from judged
    union all
    select submission_id, period, 'stability', stability_good, stability_whole from judged
),
-- what a part costs is weight × lacking ÷ whole; nothing to judge costs nothing
costs as (
    select p.submission_id, p.part, q.place, (q.weight * (p.whole - p.good))::hugeint as lost, greatest(p.whole, 1)::hugeint as whole,
           q.label_zh, replace(replace(replace(q.says, '{whole}', p.whole::varchar), '{good}', p.good::varchar), '{lacking}', (p.whole - p.good)::varchar) as says
    from parts p
    join quality_parts q using (period, part)
),
wide as (
    select submission_id,
           max(whole) filter (part = 'completeness') as d1, max(lost) filter (part = 'completeness') as n1,
           max(whole) filter (part = 'validity') as d2, max(lost) filter (part = 'validity') as n2,
           max(whole) filter (part = 'explained') as d3, max(lost) filter (part = 'explained') as n3,
           max(whole) filter (part = 'timeliness') as d4, max(lost) filter (part = 'timeliness') as n4,
           max(whole) filter (part = 'stability') as d5, max(lost) filter (part = 'stability') as n5
    from costs
    group by submission_id
),
pointed as (
    select submission_id, d1 * d2 * d3 * d4 * d5 as common,
           10000 * d1 * d2 * d3 * d4 * d5
           - 100 * (n1 * d2 * d3 * d4 * d5 + n2 * d1 * d3 * d4 * d5 + n3 * d1 * d2 * d4 * d5 + n4 * d1 * d2 * d3 * d5 + n5 * d1 * d2 * d3 * d4)
               as kept
    from wide
),
-- the part that costs most, and how much: cut up, so that what costs anything never looks like nothing
dearest as (
    select c.submission_id, c.label_zh, c.says, (((100 * c.lost + c.whole - 1) // c.whole)::decimal(18, 0) * 0.01)::decimal(18, 2) as cost
    from costs c
    join pointed p using (submission_id)
    qualify row_number() over (partition by c.submission_id order by c.lost * (p.common // c.whole) desc, c.place) = 1
),
graded as (
    select j.*, ((p.kept // p.common)::decimal(18, 0) * 0.01)::decimal(18, 4) as points, d.label_zh as dearest_zh, d.says, d.cost
    from judged j
    join pointed p using (submission_id)
    join dearest d using (submission_id)
)
select g.submission_id, g.unit_code, g.period,
       g.completeness_good::integer as completeness_good, g.completeness_whole::integer as completeness_whole,
       g.validity_good::integer as validity_good, g.validity_whole::integer as validity_whole,
       g.explained_good::integer as explained_good, g.explained_whole::integer as explained_whole,
       g.timeliness_good, g.timeliness_whole,
       g.stability_good::integer as stability_good, g.stability_whole::integer as stability_whole,
       g.points, q.grade, q.label_zh as grade_zh, q.gate_points, g.points >= q.gate_points as passes,
       case when g.cost = 0 then '各部分均未扣分。'
            else '扣分最多的是“' || g.dearest_zh || '”：' || g.says || '，扣' || g.cost::varchar || '分。' end as reason
from graded g
join quality_grades q on q.period = g.period and g.points >= q.from_points
qualify row_number() over (partition by g.submission_id order by q.from_points desc) = 1
