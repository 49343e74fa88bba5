-- How far each question was answered, and why not. Grain: period, kind of unit, city, question; every count adds up over kinds and cities.
select c.period, u.kind as unit_kind, u.city_code, c.question, count(*)::integer as cells,
       (count(*) filter (c.lacking is null))::integer as usable,
       (count(*) filter (c.lacking = 'missing'))::integer as missing,
       (count(*) filter (c.lacking = 'blocked'))::integer as blocked,
       (count(*) filter (c.lacking = 'unexplained'))::integer as unexplained,
       (count(*) filter (c.lacking = 'not_reported'))::integer as not_reported,
       (count(distinct c.unit_code) filter (c.lacking is null and c.answered))::integer as units_answering
from cells c
join dim_unit u using (unit_code)
where c.period in (select period from due)
group by c.period, u.kind, u.city_code, c.question
