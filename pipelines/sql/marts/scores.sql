-- Scores of units by dimension and in total, ranked inside the peer group. Grain: unit, period, dimension.
-- An indicator with a standard scores its attainment, capped at 1; one without scores its place among peers.
-- rank_low and rank_high: the ranks that the indicators which could not be calculated would allow at best and at worst.
with attained as (
    select v.unit_code, v.period, i.dimension, v.peer_group, v.status,
           case
               when v.value is null then null
               when v.standard is null then v.peer_percentile
               when v.status in ('met', 'on_pace') then 1.0
               when v.direction = 'higher' and v.standard > 0 then greatest(0, least(1.0, v.value / (v.standard * v.due_share)))
               when v.direction = 'lower' and v.standard > 0 then least(1.0, v.standard * v.due_share / v.value)
               else 0.0
           end as attainment
    from indicator_values v
    join indicator_periods i using (period, indicator)
    join dim_unit u using (unit_code)
    where u.kind <> 'branch' and v.period in (select period from due) and v.status <> 'not_due'
      and not (v.status = 'not_applicable' and v.value is null)
      -- without a standard and without peers there is nothing to hold a value against
      and not (v.standard is null and v.value is not null and v.peer_percentile is null)
),
by_dimension as (
    select unit_code, period, dimension, any_value(peer_group) as peer_group,
           count(*) as indicators_due, count(attainment) as calculated, coalesce(sum(attainment), 0) as points
    from attained
    group by unit_code, period, dimension
),
weighted as (
    select d.unit_code, d.period, d.dimension, d.peer_group, d.indicators_due, d.calculated, d.points, w.weight::double as weight,
           -- rounded, so that anyone gets the published total from the published scores
           round(100 * d.points / nullif(d.calculated, 0), 6) as score
    from by_dimension d
    join dimension_weights w using (dimension)
),
lines as (
    select unit_code, period, dimension, peer_group, indicators_due, calculated,
           score,
           100 * points / indicators_due as low, 100 * (points + indicators_due - calculated) / indicators_due as high
    from weighted
    union all
    select unit_code, period, 'total', any_value(peer_group), sum(indicators_due), sum(calculated),
           sum(weight * score order by dimension) filter (calculated > 0) / nullif(sum(weight) filter (calculated > 0), 0),
           100 * sum(weight * points / indicators_due) / sum(weight),
           100 * sum(weight * (points + indicators_due - calculated) / indicators_due) / sum(weight)
    from weighted
    group by unit_code, period
),
-- sums of floating-point numbers depend on their order: what is ranked is rounded first
rounded as (
    select unit_code, period, dimension, peer_group, round(score, 6) as score, round(low, 6) as low, round(high, 6) as high,
           round(calculated / indicators_due, 6) as coverage
    from lines
),
-- both ends of each unit's range in one order from the top, so that what lies above an end is counted in one pass;
-- ends of one value: first those that ask, then those that are counted
low_ends as (
    select unit_code, period, dimension, peer_group, high as place, 0 as is_low from rounded
    union all
    select unit_code, period, dimension, peer_group, low, 1 from rounded
),
surely_above as (
    select unit_code, period, dimension, is_low, sum(is_low) over in_order as n
    from low_ends
    window in_order as (partition by period, dimension, peer_group order by place desc, is_low, unit_code rows unbounded preceding)
    qualify is_low = 0
),
high_ends as (
    select unit_code, period, dimension, peer_group, low as place, 0 as is_high from rounded
    union all
    select unit_code, period, dimension, peer_group, high, 1 from rounded
),
perhaps_above as (
    select unit_code, period, dimension, is_high, sum(is_high) over in_order as n
    from high_ends
    window in_order as (partition by period, dimension, peer_group order by place desc, is_high, unit_code rows unbounded preceding)
    qualify is_high = 0
)
select r.unit_code, r.period, r.dimension, r.score,
       case when r.score is not null then rank() over (same_peers order by r.score desc nulls last)::integer end as rank,
       case when r.score is not null then (1 + s.n)::integer end as rank_low,
       -- its own high end lies above its low end, and is no other unit's
       case when r.score is not null then (1 + p.n - (r.high > r.low)::integer)::integer end as rank_high,
       r.peer_group, (count(r.score) over (same_peers))::integer as peers, r.coverage
from rounded r
join surely_above s using (unit_code, period, dimension)
join perhaps_above p using (unit_code, period, dimension)
window same_peers as (partition by r.period, r.dimension, r.peer_group)
