-- How many series of a unit could be held against its own history and its peers, in the version that counts. Grain: unit, period, comparison.
select c.*
from coverage_found c
join dim_period using (period)
