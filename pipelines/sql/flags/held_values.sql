-- Values held against their standard on answers of their own, of units and branches that ever missed it and whose data can speak.
-- Grain: unit or branch, period, indicator. Judged again on the answers of an earlier quarter is not judged anew and not here.
with missed_ever as (
    select distinct unit_code, indicator from indicator_values where status in ('not_met', 'behind')
)
select v.unit_code, v.period, v.indicator, v.status, v.numerator, v.denominator, v.value, v.standard, v.due_share, v.compare, v.stated, v.p_below,
       e.evidence, e.window_start
from indicator_values v
semi join missed_ever m on m.unit_code = v.unit_code and m.indicator = v.indicator
anti join barred b on b.unit_code = v.unit_code and b.period = v.period
join indicator_evidence e using (period, indicator)
where e.is_new
  -- a standard that holds no longer is missed by nobody
  and (v.status in ('met', 'not_met', 'on_pace', 'behind') or (v.standard is null and v.value is not null))
