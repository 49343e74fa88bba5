-- Standards that a unit came to meet, or to miss, since the quarter before (judged_twice). Grain: unit, period, indicator.
select period, unit_code, indicator, before_period, before_status, status, before_numerator, before_denominator, numerator, denominator,
       standard
from judged_twice
where period in (select period from due) and is_good <> was_good
