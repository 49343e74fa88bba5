-- Questions of reviewers about how a unit's figures came about, of units that were ever asked. Grain: unit, period; null `level`: nothing to ask.
-- Never a failing, and shown only where the dashboard is opened for review. A period without a version that counts is not judged.
with asked as (
    select s.unit_code, s.period, count(*) as questions, string_agg(distinct l.label_zh, '、' order by l.label_zh) as kinds
    from signs s
    join dim_label l on l.enumeration = 'sign' and l.code = s.sign
    where s.unit_code is not null
    group by s.unit_code, s.period
),
reported as (
    select unit_code, period from submissions where counts and unit_code in (select unit_code from asked)
    union
    select unit_code, period from asked
)
select r.unit_code, r.period, 'pattern' as kind, null::varchar as indicator,
       case when a.questions > 0 then f.pattern_level end as level, case when a.questions > 0 then f.pattern_clause end as clause,
       u.name || p.label_zh || '有' || a.questions || '处填报数字需要向单位了解情况，请核对原始记录。' as reason,
       a.kinds as evidence, 'nothing_to_ask' as closing
from reported r
left join asked a using (unit_code, period)
join flag_rules f using (period)
join dim_unit u using (unit_code)
join dim_period p using (period)
