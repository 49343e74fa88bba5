-- Where a unit or branch stands among its peers, of those that ever stood far on the worse side. Grain: unit or branch, period, indicator.
-- `level` is null where it stands among them. Not judged: data that cannot speak, and what a performance flag of the period says already.
with outside_ever as (
    select distinct unit_code, indicator
    from indicator_values
    where peer_position in (case direction when 'higher' then 'below_95' else 'above_95' end, case direction when 'higher' then 'below_998' else 'above_998' end)
),
judged as (
    select v.unit_code, v.period, v.indicator, v.value, v.peer_group, v.due_share, v.n_peers, v.direction, v.peer_position, e.window_start,
           v.peer_position = case v.direction when 'higher' then 'below_998' else 'above_998' end as is_far,
           v.peer_position in (case v.direction when 'higher' then 'below_998' else 'above_998' end,
                               case v.direction when 'higher' then 'below_95' else 'above_95' end) as is_bad
    from indicator_values v
    semi join outside_ever o on o.unit_code = v.unit_code and o.indicator = v.indicator
    anti join barred b on b.unit_code = v.unit_code and b.period = v.period
    join indicator_evidence e using (period, indicator)
    where e.is_new and v.peer_position is not null
),
levelled as (
    select j.*, w.bad_before + 1 as times_outside,
           case when is_far then r.outside_998 when j.is_bad and w.bad_before + 1 >= r.times_outside then r.outside_95 end as level
    from judged j
    join flag_rules r using (period)
    join window_runs(judged) w using (unit_code, indicator, window_start)
    anti join (select unit_code, period, indicator from judged_performance where level is not null) f
      on f.unit_code = j.unit_code and f.period = j.period and f.indicator = j.indicator
    qualify count(level) over (partition by j.unit_code, j.indicator) > 0
),
-- what the limits are about (pipelines/comparison/positions.py): the shares of all who have a place, pooled; of counts, their mean
pooled as (
    select period, indicator, peer_group, due_share, sum(numerator) as k, sum(denominator) as n
    from indicator_values v
    semi join (from levelled where level is not null) l using (period, indicator, peer_group, due_share)
    where peer_position is not null
    group by period, indicator, peer_group, due_share
)
select l.unit_code, l.period, 'peer' as kind, l.indicator, l.level, case when level is not null then i.clause end as clause,
       case when level is not null then
           coalesce(case when not starts_with(u.name, parent.name) then parent.name end, '') || u.name || p.label_zh
               || quoted(i.label_zh) || '为' || amount_zh(l.value, i.unit) || '，在同类组“' || g.label_zh || '”'
               || l.n_peers || case when u.kind = 'branch' then '个支部' else '个单位' end || '中明显'
               || case l.direction when 'higher' then '偏低' else '偏高' end
               || case when l.is_far then '' else '，已连续' || l.times_outside || '次评价如此' end || '，请了解原因。'
       end as reason,
       case when level is not null then
           case when i.denominator_is_one then '同类平均每个' || case when u.kind = 'branch' then '支部' else '单位' end else '同类合计' end
               || amount_zh((c.k / c.n)::double, i.unit)
               || case when i.denominator_is_one then '' else '（' || plain(c.k) || '÷' || plain(c.n) || '）' end
               || '，在' || case when i.denominator_is_one then '该平均数' when u.kind = 'branch' then '按本支部规模计算' else '按本单位规模计算' end
               || '的' || case when l.is_far then '99.8%' else '95%' end || '控制限之外'
       end as evidence,
       'among_peers' as closing
from levelled l
join indicator_periods i using (period, indicator)
join dim_unit u using (unit_code)
left join dim_unit parent on parent.unit_code = u.parent_code and u.kind = 'branch'
join dim_period p using (period)
left join pooled c
  on c.period = l.period and c.indicator = l.indicator and c.peer_group = l.peer_group and c.due_share = l.due_share
left join dim_label g on g.enumeration = 'peer_group' and g.code = l.peer_group
