-- How many tests for signs were made, how many could be judged, and how many were raised. Grain: period, kind of sign.
select period, sign, sum(tests)::integer as tests, sum(judged)::integer as judged, sum(tests - judged)::integer as too_few,
       sum(raised)::integer as raised, any_value(rate) as false_discovery_rate
from sign_counts
group by period, sign
