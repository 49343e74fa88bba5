-- Every cell that was due, what stood in it, and whether its answer can be used. Grain: unit, branch, question, month. Not published.
with forms as (
    select u.unit_code, null::varchar as branch_code, u.kind as unit_kind, null::varchar as branch_category, p.period
    from dim_unit u
    join dim_period p on p.period in (select period from due) and u.valid_from <= p.last_day and (u.valid_to is null or u.valid_to >= p.last_day)
    where u.kind <> 'branch'
    union all
    select b.parent_code, b.unit_code, u.kind, b.category, p.period
    from dim_unit b
    join dim_unit u on u.unit_code = b.parent_code
    join dim_period p
      on p.period in (select period from due)
     and b.valid_from <= p.last_day and (b.valid_to is null or b.valid_to >= p.last_day)
     and u.valid_from <= p.last_day and (u.valid_to is null or u.valid_to >= p.last_day)
    where b.kind = 'branch'
),
due_cells as (
    select f.unit_code, f.branch_code, f.period, q.question, q.month, q.required
    from forms f
    join question_asked q
      on q.period = f.period and q.unit_kind = f.unit_kind and q.branch_category is not distinct from f.branch_category
),
counted as (
    select submission_id, unit_code, period, state from submissions where counts
)
select d.unit_code, d.branch_code, d.period, d.question, d.month,
       a.number as value, a.text, a.raw is not null as answered,
       case
           when c.submission_id is null then 'not_reported'
           when s.blocked or sc.blocked or (t.blocked and d.branch_code is not null) or sb.submission_id is not null or sf.submission_id is not null
               then 'blocked'
           when s.blocked is not null or sc.blocked is not null or (t.submission_id is not null and d.branch_code is not null) then 'unexplained'
           when a.raw is null and d.required then 'missing'
       end as lacking
from due_cells d
left join counted c on c.unit_code = d.unit_code and c.period = d.period
left join answers_read a
  on a.submission_id = c.submission_id and a.question = d.question
 and a.branch_code is not distinct from d.branch_code and a.month is not distinct from d.month
left join stopped_cells s
  on s.submission_id = c.submission_id and s.question = d.question
 and s.branch_code is not distinct from d.branch_code and s.month is not distinct from d.month
-- a ledger question without a branch: its whole column
left join stopped_cells sc
  on sc.submission_id = c.submission_id and sc.question = d.question and sc.branch_code is null and d.branch_code is not null
 and sc.month is not distinct from d.month
left join stopped_sheets t on t.submission_id = c.submission_id
left join stopped_branches sb on sb.submission_id = c.submission_id and sb.branch_code = d.branch_code
left join stopped_files sf on sf.submission_id = c.submission_id
