-- What filling in cost the units whose submission stands: asked, pre-filled, typed. Grain: period, kind of unit, form (own or ledger).
-- Pre-filled is what the template would have brought by the accepted answers and the registry known now, by the rule of workbook/prefill.py.
-- asked = kept + changed + typed + blank, and prefilled = kept + changed; a pre-filled cell that was emptied is changed.
with standing as (
    select unit_code, period from submissions where counts and period in (select period from due)
),
asked as (
    select c.period, c.unit_code, c.branch_code, c.question, c.answered, c.value, c.text
    from cells c
    join standing s using (unit_code, period)
),
forms as (
    select period, unit_code, branch_code, count(*) as asked, count(*) filter (answered) as answered
    from asked
    group by period, unit_code, branch_code
),
filled as (
    select f.period, u.kind as unit_kind, case when f.branch_code is null then 'own' else 'ledger' end as form,
           count(distinct f.unit_code) as units, count(*) as respondents, sum(f.asked) as asked, sum(f.answered) as answered
    from forms f
    join dim_unit u using (unit_code)
    group by all
),
accepted as (
    select a.unit_code, a.branch_code, a.question, a.period, a.number, a.text,
           lead(a.period) over (partition by a.unit_code, a.branch_code, a.question order by a.period) as next_period
    from answers_read a
    join submissions s using (submission_id)
    where s.counts and s.state = 'accepted' and a.month is null and a.question in (select source_question from question_prefill)
),
brought as (
    select d.period, u.kind as unit_kind, case when d.branch_code is null then 'own' else 'ledger' end as form, d.answered,
           p.is_number, d.value, d.text,
           case when p.is_number and k.number between p.lowest and p.highest then k.number
                when p.is_number and p.from_registry and b.members between p.lowest and p.highest then b.members end as known_number,
           case when not p.is_number and (len(p.choices) = 0 or list_contains(p.choices, k.text)) then nullif(k.text, '') end as known_text
    from asked d
    join question_prefill p using (period, question)
    left join accepted k
      on k.unit_code = d.unit_code and k.branch_code is not distinct from d.branch_code and k.question = p.source_question
     and k.period < d.period and (k.next_period is null or k.next_period >= d.period)
     and (p.source_year is null or k.period[:4]::integer = p.source_year)
    join dim_unit u on u.unit_code = d.unit_code
    left join dim_unit b on b.unit_code = d.branch_code
),
prefilled as (
    select period, unit_kind, form, count(*) as prefilled, count(*) filter (not answered) as emptied,
           count(*) filter (case when is_number then value is distinct from known_number else text is distinct from known_text end) as changed
    from brought
    where known_number is not null or known_text is not null
    group by period, unit_kind, form
),
counted as (
    select f.*, coalesce(p.prefilled, 0) as prefilled, coalesce(p.changed, 0) as changed, coalesce(p.emptied, 0) as emptied
    from filled f
    left join prefilled p using (period, unit_kind, form)
)
select period, unit_kind, form, units::integer as units, respondents::integer as respondents, asked::integer as asked,
       prefilled::integer as prefilled, changed::integer as changed, (answered - prefilled + emptied)::integer as typed,
       (asked - answered - emptied)::integer as blank,
       asked / respondents as asked_each, prefilled / respondents as prefilled_each, changed / respondents as changed_each,
       (answered - prefilled + emptied) / respondents as typed_each, (asked - answered - emptied) / respondents as blank_each
from counted
