-- How the units' own indicators with a standard stand, counted: what the overview of a period asks first. Grain: period, city, dimension, status.
select v.period, u.city_code, i.dimension, v.status, count(*)::integer as items
from indicator_values v
join indicator_periods i using (period, indicator)
join dim_unit u using (unit_code)
where u.kind <> 'branch' and v.status is not null and v.period in (select period from due)
group by v.period, u.city_code, i.dimension, v.status
