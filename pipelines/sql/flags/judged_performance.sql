-- Each judgement of a standard, of what is held against one (held_values). Grain: unit or branch, period, indicator.
-- `level` is null where the standard is met or on pace. What proves a miss: pipelines/flagging.py and is_proved of schema.sql; exact binomial
-- tails are `p_below` of indicator_values and `p` of repeated_misses, amounts exact products.
with weighed as (
    select h.*, i.label_zh, i.unit, i.clause, i.denominator_is_one, r.heads, coalesce(a.times, 1) as times,
           a.numerator as all_numerator, a.denominator as all_denominator, a.standard as all_standard, a.p as all_p, coalesce(a.times >= r.misses, false) as is_repeated,
           h.standard = 1 and h.compare = 'at_least' and i.unit = '%' as is_all
    from held_values h
    join flag_rules r using (period)
    join indicator_periods i using (period, indicator)
    left join repeated_misses a using (unit_code, period, indicator)
    where h.status in ('not_met', 'behind')
),
proved as (
    select w.*,
           is_proved(is_all, evidence, compare, numerator, denominator, standard, p_below, r.evidence_p, r.heads, r.nearly_number, r.nearly_share) as is_evident,
           is_proved(is_all, evidence, compare, all_numerator, all_denominator, all_standard, all_p, r.repeated_p, r.heads, r.nearly_number,
                     r.nearly_share) as are_evident
    from weighed w
    join flag_rules r using (period)
),
based as (
    select *,
           case when status = 'behind' then 'behind'
                when is_repeated and (is_evident or are_evident) then 'repeated'
                when is_repeated then 'repeated_by_little'
                when is_evident then 'missed'
                when is_all then 'nearly_all'
                else 'doubtful' end as basis
    from proved
),
levelled as (
    select b.*, u.name as holder, parent.name as parent, p.label_zh as period_zh,
           case when basis in ('repeated', 'missed') then m.plain when basis in ('repeated_by_little', 'nearly_all') then m.milder
                when basis = 'behind' then r.behind else r.doubtful end as level,
           -- what is expected by now: pace × standard, exact; of whole events a part of one is not due (as in indicator_facts)
           case when denominator_is_one and compare = 'at_least' then floor(standard * due_share::decimal(18, 4))
                else standard * due_share::decimal(18, 4) end::decimal(30, 8) as expected,
           round((standard * 100 * due_share)::double, 6) as target
    from based b
    join flag_rules r using (period)
    join dim_unit u using (unit_code)
    left join dim_unit parent on parent.unit_code = u.parent_code and u.kind = 'branch'
    join dim_period p using (period)
    join miss_levels m on m.period = b.period and m.is_branch = (u.kind = 'branch') and m.stated = b.stated
),
worded as (
    select *, coalesce(case when not starts_with(holder, parent) then parent end, '') || holder || period_zh as who,
           quoted(label_zh) as what,
           -- a percentage to one decimal, or to as many more as keep a failure from looking like a pass
           case when unit = '%' then
                    case when value * 100 = target or round(value * 100, 1) <> target then printf('%.1f%%', value * 100)
                         when round(value * 100, 2) <> target then printf('%.2f%%', value * 100)
                         else regexp_replace(printf('%.4f', value * 100), '0+$', '') || '%' end
                when value = round(value) then value::bigint::varchar || unit
                when round(value, 2) <> round((standard * due_share)::double, 6) then printf('%.2f', value) || unit
                else regexp_replace(printf('%.4f', value), '0+$', '') || unit end as value_zh,
           case when unit = '%' then plain(expected * 100) || '%' else plain(expected) || unit end as expected_zh,
           case compare when 'at_least' then '不低于' when 'above' then '大于' else '不高于' end
               || case when unit = '%' then plain(standard * 100) || '%' else plain(standard) || unit end as standard_zh,
           case when stated then '（政策规定）' else '（本系统参考标准）' end as whose,
           plain(numerator) || '÷' || plain(denominator) as fraction,
           plain(all_numerator) || '÷' || plain(all_denominator) as all_fraction,
           case when is_repeated then all_p else p_below end as p
    from levelled
),
told as (
    select unit_code, period, indicator, level, clause, who || what ||
           case basis
               when 'behind' then
                   case when compare = 'at_least' and unit <> '%' then '按进度应完成' || expected_zh || '，现完成'
                        else '按进度应' || case compare when 'at_least' then '达到' when 'above' then '大于' else '不高于' end || expected_zh || '，现为' end
                       || value_zh || '，落后于全年' || standard_zh || '的进度' || whose || '，先予关注。'
               when 'repeated' then '为' || value_zh || '，已连续' || times || '次评价未达到' || standard_zh || '的标准' || whose || '，请查明原因并改进。'
               when 'repeated_by_little' then
                   '为' || value_zh || '，已连续' || times || '次评价未达到' || standard_zh || '的标准' || whose
                       || case when is_all then '，缺口合计' || plain(all_denominator - all_numerator) || '，请尽快补齐。'
                               when evidence = 'share' then '，但合计差距尚在偶然波动的范围内，请持续关注。'
                               else '，但合计差距不超过' || heads || '人的量，请持续关注。' end
               when 'nearly_all' then
                   '为' || value_zh || '，未达到' || standard_zh || '的标准' || whose || '，缺口为' || plain(denominator - numerator) || '，请尽快补齐。'
               when 'doubtful' then
                   '为' || value_zh || '，未达到' || standard_zh || '的标准' || whose || '，差距'
                       || case when evidence = 'share' then '尚在偶然波动的范围内' else '不超过' || heads || '人的量' end || '，先予关注。'
               else '为' || value_zh || '，未达到' || standard_zh || '的标准' || whose || '，请查明原因并改进。'
           end as reason,
           fraction || case when is_repeated and not denominator_is_one then '；连续' || times || '次合计' || all_fraction else '' end
               || case when p > 0 and evidence = 'share' then
                      case when is_repeated then '，' else '；' end || '恰好达标的单位出现同样或更差结果的可能性为'
                          || case when p < 0.001 then '不到0.1%' else printf('%.1f%%', p * 100) end
                  else '' end as evidence
    from worded
)
select h.unit_code, h.period, 'performance' as kind, h.indicator, t.level, t.clause, t.reason, t.evidence,
       case when h.status = 'met' then 'met' when h.status = 'on_pace' then 'on_pace' else 'no_standard' end as closing
from held_values h
left join told t using (unit_code, period, indicator)
