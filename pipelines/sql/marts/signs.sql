-- Signs of form-filling: questions that a reviewer may ask, never findings. Grain: scope, period, kind of sign, test, question.
-- `since` looks back over the quarters in which the test was made: a question of each half-year is not interrupted by the quarters between.
with made as (
    select distinct sign, test, question, period,
           dense_rank() over (partition by sign, test, question order by period) as place
    from sign_counts
),
runs as (
    select s.sign_id, m.place - row_number() over (partition by s.sign, s.test, s.question, s.scope_kind, s.scope_code order by s.period) as run
    from signs_found s
    join made m on m.sign = s.sign and m.test = s.test and m.question is not distinct from s.question and m.period = s.period
)
select s.sign_id, s.sign, s.scope_kind, s.scope_code, s.unit_code, s.branch_code, s.city_code, s.period, s.question, s.test, s.n, s.statistic,
       s.p, s.p_adjusted,
       min(s.period) over (partition by s.sign, s.test, s.question, s.scope_kind, s.scope_code, r.run) as since,
       s.message, s.asks, s.innocent, s.place, s.other_unit_code, s.other_branch_code, s.seen
from signs_found s
join runs r using (sign_id)
