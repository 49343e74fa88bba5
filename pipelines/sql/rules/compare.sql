-- Comparisons with what the same unit or branch answered the last time (rules of `compare` with a term `last`; their rows are in
-- compared_rules and compared_terms). Grain: rule and row of a submission. A missing part compares nothing.
with looked_at as (     -- the last time is the last one that the unit or branch answered, not before since_period
    select source_period as period, since_period, question from compared_terms where kind = 'last' and source_period is not null
    union
    select again_period, again_period, cell from compared_rules where again_period is not null
),
earlier as (            -- what these say, without blocked values
    select l.period, l.since_period, a.question, coalesce(a.branch_code, a.unit_code) as code, a.number, a.raw
    from looked_at l
    join counting_alone s on s.period between l.since_period and l.period
    join answers_read a on a.submission_id = s.submission_id and a.question = l.question
    where a.raw is not null and not exists (
        select 1
        from findings_found g
        where g.submission_id = s.submission_id and g.severity = 'block' and g.source in ('reading', 'answers')
          and case
                  when g.question is not null then g.question = a.question and (g.branch_code is null or g.branch_code is not distinct from a.branch_code)
                  when g.branch_code is not null then g.branch_code is not distinct from a.branch_code
                  else g.sheet = '封面'
              end
    )
    qualify row_number() over (
        partition by l.period, l.since_period, a.question, coalesce(a.branch_code, a.unit_code) order by s.period desc
    ) = 1
),
rows_judged as (        -- the cell at which each rule's finding would stand
    select r.rule, r.compare, r.share, r.least, r.again_period, a.period, a.submission_id, a.branch_code,
           coalesce(a.branch_code, a.unit_code) as code, a.question, a.sheet, a.cell, a.raw, a.number, a.explanation
    from judged
    join answers_read a using (submission_id)
    join compared_rules r on r.period = a.period and r.cell = a.question
),
here as (
    select a.submission_id, coalesce(a.branch_code, a.unit_code) as code, a.question, a.number
    from judged
    join answers_read a using (submission_id)
    where a.question in (select question from compared_terms union select other from compared_terms)
),
parts as (
    select w.rule, w.submission_id, w.code, t.side,
           case t.kind
               when 'answer' then one.number::decimal(36, 8)
               when 'product' then one.number::decimal(19, 4) * two.number::decimal(19, 4) -- in 18 digits it could overflow
               else last.number::decimal(36, 8)
           end as number,
           last.raw
    from rows_judged w
    join compared_terms t on t.rule = w.rule and t.period = w.period
    left join here one on t.kind <> 'last' and one.submission_id = w.submission_id and one.code = w.code and one.question = t.question
    left join here two on two.submission_id = w.submission_id and two.code = w.code and two.question = t.other
    left join earlier last on t.kind = 'last' and last.period = t.source_period and last.since_period = t.since_period and last.question = t.question and last.code = w.code
),
sums as (
    select rule, submission_id, code,
           case when count(*) filter (side = 'left') = count(number) filter (side = 'left') then sum(number) filter (side = 'left') end as on_left,
           case when count(*) filter (side = 'right') = count(number) filter (side = 'right') then sum(number) filter (side = 'right') end as on_right,
           min(raw) filter (side = 'right') as right_raw
    from parts
    group by rule, submission_id, code
),
held as (
    select w.*, s.on_left, s.on_right, s.right_raw, a.number as again,
           greatest(w.share * s.on_right, w.least) as room, greatest(w.share * a.number, w.least) as again_room
    from rows_judged w
    join sums s using (rule, submission_id, code)
    left join earlier a on a.period = w.again_period and a.since_period = w.again_period and a.question = w.question and a.code = w.code
    where s.on_left is not null and s.on_right is not null
)
select submission_id, rule, branch_code, question, sheet, cell, coalesce(raw, '空白') as raw, number, on_right, right_raw, room, explanation
from held
where case compare
          when 'at_most' then on_left > on_right
          when 'at_least' then on_left < on_right
          when 'equal' then on_left <> on_right
          else abs(on_left - on_right) > room
      end
  -- back where it was before a jump: the jump was asked about when it came
  and not coalesce(abs(on_left - again) <= again_room and abs(on_right - again) > again_room, false)
order by rule, submission_id, code
