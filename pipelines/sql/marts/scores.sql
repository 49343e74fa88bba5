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
peers as (
    select period, dimension, peer_group, list(low) as lows, list(high) as highs, count(score)::integer as peers
    from rounded
    group by period, dimension, peer_group
)
select r.unit_code, r.period, r.dimension, r.score,
       case when r.score is not null then rank() over (partition by r.period, r.dimension, r.peer_group order by r.score desc nulls last)::integer end as rank,
       case when r.score is not null then 1 + len(list_filter(p.lows, lambda x: x > r.high))::integer end as rank_low,
       case when r.score is not null then (1 + len(list_filter(p.highs, lambda x: x > r.low)) - (r.high > r.low)::integer)::integer end as rank_high,
       r.peer_group, coalesce(p.peers, 0) as peers, r.coverage
from rounded r
left join peers p using (period, dimension, peer_group)
