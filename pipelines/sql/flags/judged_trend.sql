-- Signals of control charts towards the worse at the newest judged point, where there ever was one. Grain: unit or branch, period, indicator.
-- `level` is null where there is none. A signal over several points is told from the point at which it was complete, never in hindsight.
with worse as (
    select distinct indicator, case direction when 'higher' then 'low' else 'high' end as side from dim_indicator
),
worse_ever as (
    select distinct t.unit_code, t.indicator from trends t join worse w on w.indicator = t.indicator and w.side = t.side
),
points as (
    select t.unit_code, t.indicator, t.grain, t.point, t.value, t.centre, t.lower, t.upper, t.signal,
           case t.grain when 'quarter' then t.point when 'year' then t.point || 'Q4'
                else left(t.point, 4) || 'Q' || ((right(t.point, 2)::integer + 2) // 3) end as period,
           t.signal not in ('none', 'too_few_points') and t.side is not distinct from w.side as is_bad
    from trends t
    semi join worse_ever e on e.unit_code = t.unit_code and e.indicator = t.indicator
    join worse w on w.indicator = t.indicator
    where t.signal <> 'too_few_points' and t.grain in (select grain from trend_levels)
),
known as (
    select p.*, l.level, l.points as points_needed,
           count(*) filter (is_bad) over (
               partition by p.unit_code, p.indicator, p.grain order by p.point rows between (coalesce(l.within, 1) - 1) preceding and current row
           ) as points_seen
    from points p
    anti join barred b on b.unit_code = p.unit_code and b.period = p.period
    left join trend_levels l on l.period = p.period and l.grain = p.grain and l.signal = p.signal
),
newest as (
    select *, case when is_bad and points_seen >= points_needed then level end as raised
    from known
    qualify row_number() over (partition by unit_code, indicator, grain, period order by point desc) = 1
),
-- of several series the gravest, then the one that is nearest to the present
chosen as (
    select *
    from newest
    qualify row_number() over (
        partition by unit_code, indicator, period
        order by case raised when 'red' then 0 when 'amber' then 1 when 'watch' then 2 else 3 end,
                 case grain when 'month' then 0 when 'quarter' then 1 else 2 end
    ) = 1
),
ever as (
    select * from chosen qualify count(raised) over (partition by unit_code, indicator) > 0
)
select c.unit_code, c.period, 'trend' as kind, c.indicator, c.raised as level, case when c.raised is not null then i.clause end as clause,
       case when c.raised is not null then
           coalesce(case when not starts_with(u.name, parent.name) then parent.name end, '') || u.name || p.label_zh
               || quoted(i.label_zh)
               || case c.grain when 'month' then '按月看' when 'quarter' then '按季看' else '按年看' end
               || case when i.direction = 'higher' then
                      case c.signal when 'astronomical' then '已低于自身正常波动的下限' when 'trend' then '持续下降'
                                    when 'two_of_three' then '接近自身正常波动的下限' else '持续低于以往平均水平' end
                  else
                      case c.signal when 'astronomical' then '已高于自身正常波动的上限' when 'trend' then '持续上升'
                                    when 'two_of_three' then '接近自身正常波动的上限' else '持续高于以往平均水平' end
                  end || '，请了解变化原因。'
       end as reason,
       case when c.raised is not null then
           c.point || '为' || amount_zh(c.value, i.unit) || '，以往平均' || amount_zh(c.centre, i.unit)
               || coalesce('，正常波动范围' || amount_zh(c.lower, i.unit) || '至' || amount_zh(c.upper, i.unit), '')
       end as evidence,
       'steady' as closing
from ever c
join indicator_periods i using (period, indicator)
join dim_unit u using (unit_code)
left join dim_unit parent on parent.unit_code = u.parent_code and u.kind = 'branch'
join dim_period p using (period)
