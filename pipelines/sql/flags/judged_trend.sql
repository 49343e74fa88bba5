-- Signals of control charts towards the worse at the points of a period, where there ever was one. Grain: unit or branch, period, indicator.
-- `level` is null where there is none. Each point is judged as it was when it was the newest (then_ of trends): a signal over several points
-- is told from the point at which it is complete, and no later point takes it back.
with worse as (
    select distinct indicator, case direction when 'higher' then 'low' else 'high' end as side from dim_indicator
),
worse_ever as (
    select distinct t.unit_code, t.indicator from trends t join worse w on w.indicator = t.indicator and w.side = t.then_side
),
points as (
    select t.unit_code, t.indicator, t.grain, t.point, t.value, t.then_centre as centre, t.then_lower as lower, t.then_upper as upper,
           t.then_signal as signal,
           case t.grain when 'quarter' then t.point else left(t.point, 4) || 'Q' || ((right(t.point, 2)::integer + 2) // 3) end as period,
           t.then_side is not distinct from w.side as is_bad
    from trends t
    semi join worse_ever e on e.unit_code = t.unit_code and e.indicator = t.indicator
    join worse w on w.indicator = t.indicator
    where t.then_signal <> 'too_few_points' and t.grain in (select grain from trend_levels)
),
levelled as (
    select p.*, case when p.is_bad then l.level end as raised
    from points p
    anti join barred b on b.unit_code = p.unit_code and b.period = p.period
    left join trend_levels l on l.period = p.period and l.grain = p.grain and l.signal = p.signal
),
-- of several points of the period, and of several series, the gravest; then the quarter's own point, then the latest month's
chosen as (
    select *
    from levelled
    qualify row_number() over (
        partition by unit_code, indicator, period
        order by case raised when 'red' then 0 when 'amber' then 1 when 'watch' then 2 else 3 end, point desc
    ) = 1
),
ever as (
    select * from chosen qualify count(raised) over (partition by unit_code, indicator) > 0
)
select c.unit_code, c.period, 'trend' as kind, c.indicator, c.raised as level, case when c.raised is not null then i.clause end as clause,
       case when c.raised is not null then
           coalesce(case when not starts_with(u.name, parent.name) then parent.name end, '') || u.name || p.label_zh
               || quoted(i.label_zh)
               || case c.grain when 'month' then '按月看' else '按季看' end
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
